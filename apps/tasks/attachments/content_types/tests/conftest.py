"""What the tests of types share."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from apps.common.errors import ValidationError
from apps.tasks.attachments.content_types import identify


@pytest.fixture
def judge(tmp_path: Path) -> Callable[[str, bytes], str]:
    """Return a function that says the media type of a file with this name and content, or the rejection's code."""

    def judged(name: str, content: bytes) -> str:
        path = tmp_path / "file"
        path.write_bytes(content)
        try:
            return identify(path, name=name)
        except ValidationError as error:
            return error.errors[0].code

    return judged
