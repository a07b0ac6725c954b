"""UUIDs of version 7 (RFC 9562 §5.7): random, and sorted by the millisecond they were made in.

Python has them from 3.14 on, PostgreSQL from 18 on; both are newer than what is supported here.
"""

from __future__ import annotations

import secrets
import time
from uuid import UUID


def uuid7() -> UUID:
    """Return a new UUID of version 7."""
    milliseconds = time.time_ns() // 1_000_000
    value = (milliseconds << 80) | secrets.randbits(80)
    value = value & ~(0xF << 76) | 7 << 76  # version
    return UUID(int=value & ~(0x3 << 62) | 0x2 << 62)  # variant
