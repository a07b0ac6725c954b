"""A clock for a whole database: all its statements see another time, which can be moved on."""

from __future__ import annotations

from datetime import datetime, timedelta

import psycopg

from scripts.local.postgres import Postgres

# Found before pg_catalog's own by the search_path below; only for sessions opened afterwards.
SQL = """
CREATE TABLE fire_clock (shift interval NOT NULL);
INSERT INTO fire_clock VALUES ('0');
CREATE FUNCTION now() RETURNS timestamptz STABLE LANGUAGE sql
    AS 'SELECT pg_catalog.now() + shift FROM public.fire_clock';
CREATE FUNCTION clock_timestamp() RETURNS timestamptz VOLATILE LANGUAGE sql
    AS 'SELECT pg_catalog.clock_timestamp() + shift FROM public.fire_clock';
CREATE FUNCTION statement_timestamp() RETURNS timestamptz STABLE LANGUAGE sql
    AS 'SELECT pg_catalog.statement_timestamp() + shift FROM public.fire_clock';
CREATE FUNCTION transaction_timestamp() RETURNS timestamptz STABLE LANGUAGE sql
    AS 'SELECT pg_catalog.transaction_timestamp() + shift FROM public.fire_clock';
ALTER DATABASE taskhouse SET search_path = public, pg_catalog;
"""

LOCAL_TEXT = """
SELECT to_char(here, 'FMDay FMDD FMMonth YYYY, HH24:MI') || ' (' || %(zone)s || ', UTC'
    || CASE WHEN ahead < '0' THEN '-' ELSE '+' END || to_char(greatest(ahead, -ahead), 'HH24:MI') || ')'
FROM (SELECT %(at)s AT TIME ZONE %(zone)s AS here) AS local,
    LATERAL (SELECT here - %(at)s AT TIME ZONE 'UTC' AS ahead) AS difference
"""


class Clock:
    """Moves the time of a database; the processes' own clocks stay."""

    def __init__(self, postgres: Postgres) -> None:
        with postgres.connect() as connection:
            connection.execute(SQL)
        self._connection: psycopg.Connection = postgres.connect()

    def now(self) -> datetime:
        """Return the database's time."""
        row = self._connection.execute("SELECT clock_timestamp()").fetchone()
        assert row is not None
        instant: datetime = row[0]
        return instant

    def move_to(self, instant: datetime) -> None:
        """Let it be `instant` now; only forward."""
        step = instant - self.now()
        assert step > timedelta(0), "time moves forward"
        self._connection.execute("UPDATE fire_clock SET shift = shift + %s", [step])

    def local_text(self, instant: datetime, zone: str) -> str:
        """Return an instant in a zone's own time, as PostgreSQL's own tables of the zones have it."""
        row = self._connection.execute(LOCAL_TEXT, {"at": instant, "zone": zone}).fetchone()
        assert row is not None
        return str(row[0])
