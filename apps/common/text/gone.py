"""The usernames of accounts that were deleted: programs read them, people are told that somebody left."""

from __future__ import annotations

import re
import uuid
from functools import lru_cache

NAMES = 1_024  # that a process keeps
_PATTERN = re.compile(r"deleted-[0-9a-f]{16}")


def new_name_of_deleted() -> str:
    """Return a username for an account from which everything personal is taken."""
    return f"deleted-{uuid.uuid4().hex[:16]}"


@lru_cache(maxsize=NAMES)  # a page names the same few people in each of its rows
def is_name_of_deleted(username: str) -> bool:
    """Return whether a username is one of those; nobody else may take one."""
    return _PATTERN.fullmatch(username.lower()) is not None
