"""Comma-separated files, whatever separates them: read by position, with a proposal of what each column is."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from apps.common.text.spreadsheet_csv import text_of_cell
from apps.imports.sources.headers import DAY, END_OF_DAY, plain, target_of
from apps.imports.sources.items import Content, FoundComment, Item
from apps.imports.sources.texts import beginning, decoded, too_many, unsupported

DELIMITERS = ",;\t|^"  # Jira offers the last one
SNIFFED = 65_536  # characters that the delimiter is guessed from
MAX_COLUMNS = 1_000
MAX_CELL = 20 * 1024**2  # characters; the file's own limit comes first
SAMPLES = 3
TARGETS = (
    *("title", "description", "status", "priority", "assignee", "creator", "labels", "due", "created_at"),
    *("completed_at", "parent", "duration", "external_id", "comment", "metadata", "ignore"),
)
SINGLE = {"title", "description", "status", "priority", "assignee", "creator", "due", "created_at", "completed_at"} | {
    "parent",
    "duration",
    "external_id",
}
SPLIT = re.compile("[,;]")
DECLARED = re.compile(rf'"?sep=([{re.escape(DELIMITERS)}])"?(?:\r\n|\n|\r|\Z)', re.IGNORECASE)


def read_table(data: bytes, *, most: int) -> Content:
    """Return headers and cells of a CSV file with at most `most` rows.

    Raises ValidationError at /file: `unsupported_file`, `too_many`, `empty`.
    """
    csv.field_size_limit(MAX_CELL)
    rows: list[list[str]] = []
    try:
        for cells in _rows(decoded(data)):
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > MAX_COLUMNS:
                raise unsupported(f"A row has more than {MAX_COLUMNS} columns.")
            rows.append(cells)
            if len(rows) > most + 1:
                raise too_many(most)
    except csv.Error as error:
        raise unsupported(f"The file is not CSV: {error}.") from None
    if not rows:
        raise unsupported("The file has no rows.")
    return Content([header.strip() for header in rows[0]], rows[1:])


def headers_in(data: bytes) -> list[str]:
    """Return the headers of what may be a CSV file, in lower case; none where it is not; raises nothing."""
    return next(iter(first_rows(data, most=1)), [])


def first_rows(data: bytes, *, most: int) -> list[list[str]]:
    """Return the first rows of what may be a CSV file, in lower case, as far as it is; raises nothing."""
    rows: list[list[str]] = []
    try:
        for cells in _rows(beginning(data)):
            if any(cell.strip() for cell in cells):
                rows.append([cell.strip().lower() for cell in cells])
            if len(rows) == most:
                break
    except csv.Error:
        pass
    return rows


def proposed_columns(content: Content) -> dict[str, str]:
    """Return what each column, by its index, is taken for; a second one of a kind that exists once is metadata."""
    if content.targets:
        return dict(content.targets)
    proposed: dict[str, str] = {}
    headers: defaultdict[str, set[str]] = defaultdict(set)  # by what they are taken for
    for index, header in enumerate(content.headers):
        target, name = target_of(header), plain(header)
        if target in SINGLE and headers[target] and headers[target] | {name} != {DAY, END_OF_DAY}:
            target = "metadata"
        headers[target].add(name)
        proposed[str(index)] = target
    return proposed


def described_columns(content: Content) -> list[dict[str, Any]]:
    """Return the columns with their first values, for people to recognise them."""
    found = []
    for index, header in enumerate(content.headers):
        values = (row[index] for row in content.cells if index < len(row) and row[index].strip())
        samples = [value[:200] for value, _ in zip(values, range(SAMPLES), strict=False)]
        found.append({"index": index, "header": header[:200], "samples": samples})
    return found


def table_items(content: Content, columns: Mapping[str, str]) -> Iterator[Item]:
    """Yield the tasks of a table with these meanings of its columns."""
    ids = RowIds()
    for number, cells in enumerate(content.cells, 1):
        item = Item(row=number)
        for index, cell in enumerate(cells):
            header = content.headers[index] if index < len(content.headers) else f"column {index + 1}"
            _put(item, columns.get(str(index), "metadata"), header, cell)
        if not item.external_id:
            item.external_id = ids.next_of(cells)
        yield item


MADE_ID = re.compile(r"[0-9a-f]{64}-\d+")  # an id by RowIds


class RowIds:
    """Ids of rows without one: a digest of their cells, and a running number of those that are equal (contract IM1)."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def next_of(self, cells: Sequence[str]) -> str:
        """Return the id of the next row with these cells."""
        digest = hashlib.sha256("\x1f".join(cells).encode("utf-8", "replace")).hexdigest()
        self._seen[digest] += 1
        return f"{digest}-{self._seen[digest]}"


def _put(item: Item, target: str, header: str, cell: str) -> None:
    cell = text_of_cell(cell)
    text = cell.strip()
    if not text or target == "ignore":
        return
    if target == "labels":
        item.labels += [name for part in SPLIT.split(text) if (name := part.strip())]
    elif target == "comment":
        item.comments.append(FoundComment(text))
    elif target == "due" and item.due:
        _put_second_due(item, header, text)
    elif target == "metadata" or getattr(item, target):  # the first counts, and nothing is dropped (contract IM4)
        _add_extra(item.extra, header or "column", text)
    else:
        setattr(item, target, cell if target == "description" else text)


def _put_second_due(item: Item, header: str, text: str) -> None:
    """Take the day of our own CSV, which has the instant of its end beside it; any other second value has no place."""
    if plain(header) == DAY:
        item.due, item.due_end = text, item.due
    elif plain(header) == END_OF_DAY and not item.due_end:
        item.due_end = text
    else:
        _add_extra(item.extra, header or "column", text)


def _add_extra(extra: dict[str, Any], header: str, text: str) -> None:
    """Keep a value under its header; those of repeated headers as a list."""
    if header in extra:
        former = extra[header]
        extra[header] = [*former, text] if isinstance(former, list) else [former, text]
    else:
        extra[header] = text


def _rows(text: str) -> Iterator[list[str]]:
    """Yield the rows of a table; a first line `sep=;` declares the delimiter, as in Excel. Raises csv.Error."""
    declared = DECLARED.match(text)
    text, delimiter = (text[declared.end() :], declared[1]) if declared else (text, _delimiter(text))
    yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)


def _delimiter(text: str) -> str:
    """Return what separates the cells: what gives the first rows the same number of columns, and most of them."""
    sample = text[:SNIFFED]
    return max(DELIMITERS, key=lambda delimiter: _consistency(sample, delimiter))


def _consistency(sample: str, delimiter: str) -> tuple[float, int]:
    try:
        rows = [len(cells) for cells in csv.reader(io.StringIO(sample, newline=""), delimiter=delimiter) if cells]
    except csv.Error:
        return (0.0, 0)
    rows = rows[:-1] if len(rows) > 2 else rows
    wide: Sequence[int] = [width for width in rows if width > 1]
    if not wide or rows[0] < 2:
        return (0.0, 0)
    return (sum(width == rows[0] for width in rows) / len(rows), rows[0])
