"""Todoist's CSV of a project: rows of tasks, sections and notes in the order in which they stand there."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import lru_cache

from apps.common.dates.days import zone_named
from apps.common.dates.instants import utc
from apps.common.errors import ValidationError
from apps.imports.judging.dates import NUMERIC, read_date
from apps.imports.sources.items import Content, FoundComment, Item, Skip
from apps.imports.sources.json_texts import object_of, parsed, text_of
from apps.imports.sources.tables import RowIds, first_rows, read_table
from apps.imports.sources.texts import unsupported

NEEDED = {"type", "content"}
TELLING = {"indent", "priority", "responsible", "date_lang"}  # one of them is there as well
ROW_KINDS = (["task"], ["section"], ["note"], ["meta"])
LOOKED_AT = 50  # rows
# Columns that say something about another one, or nothing about a task
USED = {"type", "content", "description", "priority", "indent", "author", "responsible", "date", "due_date"} | {
    *("date_lang", "due_date_lang", "timezone", "duration", "duration_unit", "deadline", "deadline_lang"),
    *("is_collapsed", "meta"),
}
NO_PRIORITY = "1"  # what an empty cell means (contract, table of sources)
LABEL = re.compile(r"(?:^|(?<=\s))@([^\s@]+)")
PERSON = re.compile(r"(.*\S)\s*\((\d+)\)", re.DOTALL)
RECURRING = re.compile(r"\s*(every|ev|after)\b", re.IGNORECASE)
DAY = 24 * 60  # minutes
FILE = "[[file "
ADDRESS = re.compile(r"https?://[^\s<>]+")
SHOWN = 5  # sections that a warning names

Row = Mapping[str, str]


def is_todoist(data: bytes) -> bool:
    """Return whether a file has the headers of Todoist, and a row of a kind that it has."""
    rows = first_rows(data, most=LOOKED_AT)
    headers = rows[0] if rows else []
    if not (set(headers) >= NEEDED and set(headers) & TELLING):
        return False
    kind = headers.index("type")
    return len(rows) == 1 or any(cells[kind : kind + 1] in ROW_KINDS for cells in rows[1:])


def read_todoist(data: bytes, *, most: int) -> Content:
    """Return the tasks of a project; ValidationError at /file: `unsupported_file`, `too_many`."""
    table = read_table(data, most=most)
    headers = [header.lower() for header in table.headers]
    if not set(headers) >= NEEDED:
        raise unsupported("The file is not an export of Todoist: it needs the columns TYPE and CONTENT.")
    rows = [_row(headers, cells) for cells in table.cells]
    reading = _Reading(_shown_names(rows))
    items = [item for row, cells in zip(rows, table.cells, strict=True) if (item := reading.take(row, cells))]
    return Content(items=items, warnings=reading.warnings())


def _row(headers: Sequence[str], cells: Sequence[str]) -> Row:
    """Return the cells by their headers; of a repeated one the first counts."""
    row: dict[str, str] = {}
    for index, cell in enumerate(cells):
        row.setdefault(headers[index] if index < len(headers) else f"column {index + 1}", cell.strip())
    return row


def _shown_names(rows: Sequence[Row]) -> Mapping[str, str]:
    """Return the name of each person of a file: without the id, unless two people have the same name."""
    ids: dict[str, set[str]] = defaultdict(set)
    people = {row.get(column, "") for row in rows for column in ("author", "responsible")}
    for person in people:
        if found := PERSON.fullmatch(person):
            ids[found[1]].add(found[2])
    return {
        person: found[1] if (found := PERSON.fullmatch(person)) and len(ids[found[1]]) == 1 else person
        for person in people
    }


class _Reading:
    """What has been read so far: the section, the tasks above, and what had no task."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names
        self.number = 0
        self.ids = RowIds()
        self.section: dict[str, str] = {}
        self.sections: dict[str, int] = {}  # tasks by section
        self.above: list[tuple[int, Item]] = []  # the way from a root to the last task, with indents
        self.last: Item | None = None
        self.lost_notes = 0

    def take(self, row: Row, cells: Sequence[str]) -> Item | None:
        """Return the item of a row; None for a row that is no task."""
        self.number += 1
        kind, content = row["type"].lower(), row.get("content", "")
        if kind == "section":
            self.section = dict(_named(section=content, section_description=row.get("description", "")))
            self.above = []
            self.sections.setdefault(content, 0)
        elif kind == "note":
            self._note(row)
        elif kind == "task":
            return self._task(row, cells)
        elif kind not in ("", "meta") or (kind == "" and content):
            what = f"“{row['type'][:50]}” is no kind of row" if kind else "The row has no type"
            return Item(self.number, title=content, skip=Skip("unknown_type", f"{what} that can be imported."))
        return None

    def warnings(self) -> list[str]:
        """Return what is to be known of the file as a whole."""
        empty = [f"“{name[:50]}”" for name, tasks in self.sections.items() if not tasks]
        more = f" and {len(empty) - SHOWN} more" if len(empty) > SHOWN else ""
        notes = f"{self.lost_notes} notes above the first task belong to the project, and were left out."
        sections = f"Sections without a task were left out: {', '.join(empty[:SHOWN])}{more}."
        return [notes] * bool(self.lost_notes) + [sections] * bool(empty)

    def _note(self, row: Row) -> None:
        if self.last is None:
            self.lost_notes += 1
        else:
            author = self.names.get(row.get("author", ""), "")
            self.last.comments.append(
                FoundComment(_with_link(row.get("content", "")), author=author, at=row.get("date", ""))
            )

    def _task(self, row: Row, cells: Sequence[str]) -> Item:
        labels = [name for found in LABEL.findall(row["content"]) if (name := found.rstrip(",.;:!?"))]
        item = Item(
            self.number,
            external_id=self.ids.next_of(cells),
            title=" ".join(LABEL.sub("", row["content"]).split()) or row["content"],
            description=row.get("description", ""),
            priority=row.get("priority", "") or NO_PRIORITY,
            assignee=self.names.get(row.get("responsible", ""), ""),
            creator=self.names.get(row.get("author", ""), ""),
            labels=labels,
        )
        self._place(item, row.get("indent", ""))
        _dates(item, row)
        _duration(item, row.get("duration", ""), row.get("duration_unit", "").lower())
        item.extra.update({name: value for name, value in row.items() if value and name not in USED})
        item.extra.update(self.section)
        if self.section:
            self.sections[self.section.get("section", "")] += 1
        self.last = item
        return item

    def _place(self, item: Item, indent: str) -> None:
        depth = int(indent) if indent.isdecimal() and indent.isascii() and len(indent) < 4 else 1
        while self.above and self.above[-1][0] >= depth:
            self.above.pop()
        item.parent = self.above[-1][1].external_id if self.above else ""
        self.above.append((depth, item))


def _with_link(note: str) -> str:
    """Return a note with the file at its end, which Todoist writes as JSON, as a link."""
    text, mark, file = note.rpartition(FILE)
    if not mark or not file.endswith("]]"):
        return note
    try:
        found = object_of(parsed(file.removesuffix("]]")))
    except ValidationError:
        return note
    name, address = text_of(found.get("file_name")), text_of(found.get("file_url"))
    if not ADDRESS.fullmatch(address):
        return note
    name = " ".join(re.sub(r"[\[\]\\]", " ", name).split()) or address
    return f"{text.strip()}\n\n[{name}](<{address}>)".strip()


def _dates(item: Item, row: Row) -> None:
    """Set when a task is due; a date that repeats or names no day stays as what has no place."""
    date, deadline = row.get("date", "") or row.get("due_date", ""), row.get("deadline", "")
    fault = "repeats, which tasks here do not" if RECURRING.match(date) else ""
    if date and not fault and not _names_a_day(date):
        fault = "is no date that can be read"
    if fault:
        item.warnings.append(f"“{date[:50]}” {fault}; it is in `metadata.import`.")
        item.extra.update(_named(due=date, date_lang=row.get("date_lang", ""), timezone=row.get("timezone", "")))
        date = ""
    item.due = _in_zone(date, row.get("timezone", "")) or deadline
    if date and deadline:
        item.extra["deadline"] = deadline


@lru_cache(maxsize=1_000)
def _names_a_day(text: str) -> bool:
    return any(read_date(text, order=order, zone="UTC") is not None for order in ("month_first", "day_first"))


def _in_zone(text: str, zone: str) -> str:
    """Return a time in its own zone as an instant, where nothing else decides how it is read."""
    if not text or zone_named(zone).key != zone or NUMERIC.match(text):
        return text
    found = read_date(text, order="iso", zone=zone)
    return utc(found) if isinstance(found, datetime) else text


def _duration(item: Item, number: str, unit: str) -> None:
    factor = {"minute": 1, "day": DAY, "": 1}.get(unit)
    if factor and number.isdecimal() and number.isascii() and len(number) < 8:
        item.duration = str(int(number) * factor)
    else:
        item.duration = f"{number} {unit}".strip() if number else ""


def _named(**values: str) -> Iterator[tuple[str, str]]:
    return ((name, value) for name, value in values.items() if value)
