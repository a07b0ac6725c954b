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
from apps.tasks.models import Task
from apps.tasks.queries.statistics import task_statistics
from apps.tasks.queries.table import COLUMNS as TABLE
from apps.tasks.queries.table import in_columns

ROWS_AT_ONCE = 2_000
# A report is about one project and leaves out what is long, and what is archived
COLUMNS = tuple(name for name in TABLE if name not in {"description", "project", "archived"})


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


def _rows(tasks: QuerySet[Task]) -> Iterator[Iterable[Any]]:
    yield COLUMNS
    yield from in_columns(tasks.order_by("number"), COLUMNS).iterator(chunk_size=ROWS_AT_ONCE)


def _compressed(rows: Iterable[Iterable[Any]]) -> bytes:
    buffer = io.BytesIO()
    with (
        gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as packed,
        io.TextIOWrapper(packed, encoding="utf-8", newline="") as text,
    ):
        write_table(text, rows)
    return buffer.getvalue()
