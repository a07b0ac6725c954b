"""Rows of tasks sent as a table in CSV: counted, read in one snapshot, streamed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import OperationalError, connection
from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from apps.common.api.downloads import download_headers
from apps.common.errors import UnprocessableError
from apps.common.lists.reads import too_costly
from apps.common.sql.statements import RowStream
from apps.common.text.spreadsheet_csv import table_pieces
from apps.common.transactions import one_snapshot, sqlstate_of
from apps.tasks.models import Task
from apps.tasks.queries.table import COLUMNS, in_columns

CANCELED = "57014"  # SQLSTATE of a statement that took too long
CONTENT_TYPE = "text/csv; charset=utf-8; header=present"
PATIENCE = 30_000  # milliseconds that the database may take to put the rows of a table together


class Table:
    """A table in CSV as pieces of bytes; to be closed, whether or not it was read to the end."""

    def __init__(self, rows: RowStream | None) -> None:
        """Take the rows; none for a table with its header alone."""
        self._rows = rows

    def __iter__(self) -> Iterator[bytes]:
        yield from table_pieces(rows for part in ([tuple(COLUMNS)], self._rows or ()) for rows in part)

    def close(self) -> None:
        """Let go of the rows."""
        if self._rows is not None:
            self._rows.close()


def send(table: Table | None) -> HttpResponseBase:
    """Return the table as a download, its headers alone without one."""
    headers = download_headers("tasks.csv") | {"Content-Type": CONTENT_TYPE}
    return HttpResponse(headers=headers) if table is None else StreamingHttpResponse(table, headers=headers)


def open_table(tasks: QuerySet[Task]) -> Table:
    """Return the tasks, in their order, as a table.

    Raises UnprocessableError for too many rows, or for a filter that takes too long.
    """
    try:
        text, params = in_columns(tasks).query.sql_with_params()
    except EmptyResultSet:  # a condition that no row can meet
        return Table(None)
    try:
        with one_snapshot():
            require_few(tasks.order_by().count())
            limit_time(PATIENCE)
            return Table(RowStream(text, params))
    except OperationalError as error:  # at the commit, where PostgreSQL reads the rows
        if sqlstate_of(error) == CANCELED:
            raise too_costly() from None
        raise


def limit_time(milliseconds: int) -> None:
    """Let no statement of this transaction take longer."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(milliseconds)])


def require_few(count: int) -> None:
    """Raise UnprocessableError for more rows than a table has at most."""
    limit = settings.EXPORT_MAX_ROWS
    if count > limit:
        text = f"More than {limit} tasks: narrow them by a filter, or export the project."
        extra: dict[str, Any] = {"limit": limit}
        raise UnprocessableError(text, code="too_many_rows", extra=extra)
