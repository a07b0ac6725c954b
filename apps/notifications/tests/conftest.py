"""What the tests of the ledger share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from apps.notifications.kinds import KINDS
from apps.notifications.tests.kinds_for_tests import ALL


@pytest.fixture(autouse=True)
def _kinds_for_tests() -> Iterator[None]:
    """Let the suite's own kinds be known during each test."""
    KINDS.update({kind.name: kind for kind in ALL})
    yield
    for kind in ALL:
        del KINDS[kind.name]
