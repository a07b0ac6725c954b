"""Which texts are instants: ISO 8601 with date and time of day, in ASCII, nothing left out.

Python's own reader takes weeks, bare digits and other scripts' numerals as well, and makes dates of
them that nobody meant.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
INSTANT = re.compile(
    rf"{DATE.pattern}[Tt ]\d\d:\d\d(:\d\d(\.\d{{1,12}})?)?([Zz]|[+-]\d\d(:?\d\d)?)?",
    re.ASCII,
)


def is_instant(text: str) -> bool:
    """Return whether `text` has the form of an instant; the numbers may still be out of range."""
    return INSTANT.fullmatch(text) is not None


def utc(instant: datetime) -> str:
    """Return an instant as the API writes it: ISO 8601 in UTC with `Z`."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
