"""CSV for people, who open it in a spreadsheet with a double click."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, TextIO

# Without it Excel reads UTF-8 as the machine's old 8-bit encoding.
BYTE_ORDER_MARK = "\ufeff"
# Spreadsheets run text that begins so as a formula (OWASP, CSV injection); East Asian ones the wide forms too.
FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
BLANK_STARTS = ("\t", "\r", "\n")  # some spreadsheets drop these and run what follows
PIECE = 64 * 1024  # characters of a table that is sent as it is made


def write_table(target: TextIO, rows: Iterable[Iterable[Any]]) -> None:
    """Write `rows` as CSV (RFC 4180, CRLF) with a byte order mark to `target`, a new UTF-8 file with newline=""."""
    target.write(BYTE_ORDER_MARK)
    csv.writer(target).writerows([cell(value) for value in row] for row in rows)


def table_pieces(rows: Iterable[Iterable[Any]]) -> Iterator[bytes]:
    """Yield the same table in UTF-8, piece by piece, each of about PIECE characters; rows are read as it goes."""
    buffer = io.StringIO(newline="")
    buffer.write(BYTE_ORDER_MARK)
    writer = csv.writer(buffer)
    for row in rows:
        writer.writerow([cell(value) for value in row])
        if buffer.tell() > PIECE:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()


def cell(value: Any) -> Any:
    """Return a value as a spreadsheet may read it: no formula, instants in UTC with `Z`, nothing for null."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and _runs(value):
        return f"'{value}"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return value


def text_of_cell(written: str) -> str:
    """Return what a cell was made of: without the sign that keeps a spreadsheet from running it."""
    return written[1:] if written.startswith("'") and _runs(written[1:]) else written


def _runs(value: str) -> bool:
    return value.startswith(BLANK_STARTS) or value.lstrip().startswith(FORMULA_STARTS)
