"""The database's clock: one `now` for all machines."""

from __future__ import annotations

from datetime import datetime

from django.db import connection


def database_now() -> datetime:
    """Return PostgreSQL's wall clock (UTC, aware); jobs read it once and pass it on."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        row = cursor.fetchone()
    assert row is not None  # noqa: S101 - a SELECT without FROM has a row
    now: datetime = row[0]
    return now
