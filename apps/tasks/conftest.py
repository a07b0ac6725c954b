"""What tests of tasks and files share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings) -> Path:
    """Give each test a storage of its own, on a disk that counts as roomy; return its folder."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.DISK_RESERVE_BYTES = 0
    return settings.MEDIA_ROOT
