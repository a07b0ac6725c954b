"""What a report holds: the figures, and the tasks as CSV."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from apps.common.text.spreadsheet_csv import write_table
from apps.common.transactions import one_snapshot
from apps.tasks.fields import FIELDS
from apps.tasks.models import Task, task_key
from apps.tasks.queries.statistics import task_statistics

ROWS_AT_ONCE = 2_000
WRITTEN = {field.report: field.path for field in FIELDS if field.report}
PEOPLE = {"assigned_to": WRITTEN.pop("assigned_to"), "created_by": "created_by__username"}
# Header -> where it is read from
COLUMNS = {
    "key": "project__key",  # with the number behind it
    "number": "number",
    **{name: WRITTEN.pop(name) for name in ("title", "status", "priority")},
    **PEOPLE,
    **WRITTEN,
    "attachments": "attachments_count",
    "created_at": "created_at",
    "updated_at": "updated_at",
    "completed_at": "completed_at",
}


@dataclass(frozen=True)
class Content:
    """A finished report: `summary` is JSON, `table` the gzip-compressed CSV."""

    summary: dict[str, Any]
    table: bytes


def build_content(project_id: int, *, now: datetime) -> Content:
    """Return the report of the project's unarchived tasks, both parts from one snapshot of the database.

    Rows come from a server-side cursor and go into the compressor as they come: memory does not
    grow with their number, but for the compressed bytes.
    """
    tasks = Task.objects.kept().filter(project_id=project_id, archived_at=None)
    with one_snapshot():
        return Content(summary=task_statistics(tasks, now=now), table=_compressed(_rows(tasks)))


def _rows(tasks: QuerySet[Task]) -> Iterator[list[Any]]:
    yield [name for name in COLUMNS if name != "number"]
    found = tasks.order_by("number").values_list(*COLUMNS.values())
    for key, number, *cells in found.iterator(chunk_size=ROWS_AT_ONCE):
        yield [task_key(key, number), *cells]


def _compressed(rows: Iterable[list[Any]]) -> bytes:
    buffer = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as packed,
        io.TextIOWrapper(packed, encoding="utf-8", newline="") as text,
    ):
        write_table(text, rows)
    return buffer.getvalue()
