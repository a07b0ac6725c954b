"""CSV for people, who open it in a spreadsheet with a double click."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, TextIO

# Without it Excel reads UTF-8 as the machine's old 8-bit encoding.
BYTE_ORDER_MARK = "\ufeff"
# Spreadsheets run text that begins so as a formula (OWASP, CSV injection); East Asian ones the wide forms too.
FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
BLANK_STARTS = ("\t", "\r", "\n")  # some spreadsheets drop these and run what follows


def write_table(target: TextIO, rows: Iterable[Iterable[Any]]) -> None:
    """Write `rows` as CSV (RFC 4180, CRLF) with a byte order mark to `target`, a new UTF-8 file with newline=""."""
    target.write(BYTE_ORDER_MARK)
    csv.writer(target).writerows([cell(value) for value in row] for row in rows)


def cell(value: Any) -> Any:
    """Return a value as a spreadsheet may read it: no formula, instants in UTC with `Z`, nothing for null."""
    if isinstance(value, str) and (value.startswith(BLANK_STARTS) or value.lstrip().startswith(FORMULA_STARTS)):
        return f"'{value}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value
