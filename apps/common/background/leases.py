"""Rows as work: claimed by one worker at a time, under a lease that a dead worker loses.

A table of work inherits from `Leased` and is described by a `Queue`. A worker opens a lease, claims due
rows with it, renews it before what must not happen twice, and closes, postpones or releases each row.
Every statement after the claim names the lease, so a worker whose lease ran out or was taken over
changes nothing any more. SQL fragments of a queue are constants of ours, never values.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import DatabaseError, InterfaceError, connection
from django.db.models import QuerySet

from apps.common.models import Leased
from apps.common.sql.statements import bound, columns_of, instances, prepared

LEASE = 120  # seconds
FIRST_DELAY = 30  # seconds; doubles with each attempt
MAX_DELAY = 3_600  # seconds
LOCK_CLASS = 0x6E6F7465  # the advisory locks of living claimants

M = TypeVar("M", bound=Leased)


@dataclass(frozen=True)
class Queue(Generic[M]):
    """A table of work. `attempts`, `next_attempt_at` and `lease` are columns of every one, see `Leased`."""

    model: type[M]
    open: str  # the rows that are work, claimed or not; a partial index on (next_attempt_at, …) covers it
    paused: str = "false"  # while this holds nothing is claimed
    on_claim: str = ""  # further assignments of a claim
    on_release: str = ""  # further assignments when a row waits again
    not_before: str = "NULL::timestamptz"  # when a dead worker's row may be claimed again, if not at once

    @property
    def table(self) -> str:
        """Return the table's name, quoted."""
        return connection.ops.quote_name(self.model._meta.db_table)


def backoff(attempts: int) -> float:
    """Return seconds until the next attempt: 30 doubling, at most an hour, less up to half by chance."""
    longest: int = min(FIRST_DELAY * 2 ** min(attempts - 1, 16), MAX_DELAY)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, hides nothing


def open_lease() -> uuid.UUID:
    """Return a new lease, known to be held as long as this database session lives."""
    while True:
        lease = uuid.uuid4()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK_CLASS, _lock_number(lease)])
            row = cursor.fetchone()
        if row and row[0]:
            return lease


def close_lease(lease: uuid.UUID) -> None:
    """End what `open_lease` began; a connection that is lost has ended it already."""
    with suppress(DatabaseError, InterfaceError), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK_CLASS, _lock_number(lease)])


@contextmanager
def held_lease() -> Iterator[uuid.UUID]:
    """Hold a new lease for the time of a block."""
    lease = open_lease()
    try:
        yield lease
    finally:
        close_lease(lease)


def work_off(queue: Queue[M], work: Callable[[M], bool], *, seconds: float) -> bool:
    """Give the due rows to `work`, one after the other, for `seconds` at most; return whether more may be waiting.

    `work` returns False when it left a row that is not done.
    """
    started = time.monotonic()
    recover(queue)
    with held_lease() as lease:
        while claimed := claim(queue, lease, limit=1):
            (row,) = claimed
            if not work(row) or time.monotonic() - started > seconds:
                return True
    return False


def _lock_number(lease: uuid.UUID) -> int:
    return int.from_bytes(lease.bytes[:4], "big", signed=True)


def count_due(queue: Queue[M], *, limit: int) -> int:
    """Return how many rows there are to claim now, counting up to `limit`."""
    due = f"SELECT FROM {queue.table} WHERE {_due(queue)} LIMIT %(limit)s"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({due}) AS due", {"limit": limit})  # noqa: S608 - as above
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def claim(queue: Queue[M], lease: uuid.UUID, *, limit: int, among: Sequence[int] | None = None) -> list[M]:
    """Claim up to `limit` due rows for `lease`, those that have waited longest, and return them by id.

    The attempt is counted at once: a row that kills its worker comes to an end too. `among` are the ids that may be
    claimed, where who is next depends on more than how long it has waited.
    """
    chosen = "" if among is None else "AND id = ANY(%(among)s::bigint[])"
    text = f"""
        WITH chosen AS (
            SELECT id FROM {queue.table} WHERE {_due(queue)} {chosen}
            ORDER BY next_attempt_at, id LIMIT %(limit)s
            FOR UPDATE SKIP LOCKED
        )
        UPDATE {queue.table} AS claimed SET
            lease = %(lease)s, attempts = attempts + 1, next_attempt_at = statement_timestamp() + interval '{LEASE} s'
            {_and(queue.on_claim)}
        FROM chosen WHERE claimed.id = chosen.id
        RETURNING {", ".join(f"claimed.{column}" for column in columns_of(queue.model))}
        """  # noqa: S608 - fragments of ours
    values = {"lease": lease, "limit": bound(limit), "among": None if among is None else bound(list(among))}
    rows, _ = prepared(text, values)
    return sorted(instances(queue.model, rows), key=lambda row: row.pk)


def renew(queue: Queue[M], row: M, assignments: str = "", *, condition: str = "true") -> bool:
    """Begin the lease of a claimed row anew; False when it is no longer ours: then the row must be let alone."""
    lasts = f"next_attempt_at = clock_timestamp() + interval '{LEASE} s'"
    return _change(queue, row, f"{lasts} {_and(assignments)}", condition=f"{queue.open} AND {condition}")


def renew_all(queue: Queue[M], rows: Sequence[M], *, condition: str = "true") -> set[int]:
    """Begin the leases of rows of one claim anew; return the ids of those that are still ours."""
    lasts = f"next_attempt_at = clock_timestamp() + interval '{LEASE} s'"
    return _change_all(queue, rows, lasts, condition=f"{queue.open} AND {condition}")


def held(queue: Queue[M], row: M) -> QuerySet[M]:
    """Return the claimed row while the lease is ours, nothing afterwards; `update(lease=None, …)` ends the work."""
    return queue.model._default_manager.filter(pk=row.pk, lease=row.lease)


def close(queue: Queue[M], row: M, assignments: str, *, condition: str = "true", **values: Any) -> bool:
    """End the work on a claimed row by assignments in SQL; False when the lease is no longer ours."""
    return _change(queue, row, f"lease = NULL {_and(assignments)}", condition=condition, **values)


def close_all(
    queue: Queue[M],
    rows: Sequence[M],
    assignments: str,
    *,
    each: Mapping[str, tuple[str, Sequence[Any]]] | None = None,
    condition: str = "true",
    **values: Any,
) -> set[int]:
    """End the work on rows of one claim; return the ids of those whose lease was still ours.

    `each` holds {name: (type in SQL, a value for each row)}; the assignments call them `given.name`.
    """
    return _change_all(queue, rows, f"lease = NULL {_and(assignments)}", each=each, condition=condition, **values)


def postpone(queue: Queue[M], row: M, assignments: str = "", **values: Any) -> bool:
    """Let a claimed row wait for its backoff; False when the lease is no longer ours."""
    waits = "lease = NULL, next_attempt_at = clock_timestamp() + make_interval(secs => %(delay)s)"
    changes = f"{waits} {_and(queue.on_release)} {_and(assignments)}"
    return _change(queue, row, changes, delay=backoff(row.attempts), **values)


def release(queue: Queue[M], rows: Sequence[M], *, condition: str = "true") -> int:
    """Give rows of one claim back that were not tried: the attempt does not count. Return how many."""
    if not rows:
        return 0
    return _run(
        f"UPDATE {queue.table} SET lease = NULL, attempts = attempts - 1, next_attempt_at = clock_timestamp()"  # noqa: S608 - fragments of ours
        f" {_and(queue.on_release)} WHERE id = ANY(%(ids)s) AND lease = %(lease)s AND {condition}",
        {"ids": [row.pk for row in rows], "lease": rows[0].lease},
    )


def recover(queue: Queue[M]) -> int:
    """End the leases of workers whose database session is gone, which need not be waited for; return how many."""
    return _run(
        f"""
        UPDATE {queue.table} AS claimed SET next_attempt_at = GREATEST(statement_timestamp(), {queue.not_before})
        WHERE {queue.open} AND lease IS NOT NULL AND next_attempt_at > statement_timestamp()
            AND next_attempt_at > {queue.not_before} IS NOT FALSE
            AND NOT EXISTS (
                SELECT FROM pg_locks
                WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND classid = {LOCK_CLASS}
                    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
                    AND objid = ('x' || left(claimed.lease::text, 8))::bit(32)::bigint
            )
        """  # noqa: S608 - fragments of ours
    )


def _due(queue: Queue[M]) -> str:
    return f"{queue.open} AND next_attempt_at <= statement_timestamp() AND NOT ({queue.paused})"


def _and(assignments: str) -> str:
    return f", {assignments}" if assignments else ""


def _change(queue: Queue[M], row: M, assignments: str, *, condition: str = "true", **values: Any) -> bool:
    statement = f"UPDATE {queue.table} SET {assignments} WHERE id = %(id)s AND lease = %(lease)s AND {condition}"  # noqa: S608 - fragments of ours
    _, changed = prepared(statement, {"id": bound(row.pk), "lease": row.lease, **values})
    return changed == 1


def _change_all(
    queue: Queue[M],
    rows: Sequence[M],
    assignments: str,
    *,
    each: Mapping[str, tuple[str, Sequence[Any]]] | None = None,
    condition: str = "true",
    **values: Any,
) -> set[int]:
    """Change rows of one claim, which are locked in the order of their ids, as everybody does who locks several."""
    if not rows:
        return set()
    each = {"id": ("bigint", [row.pk for row in rows]), **(each or {})}
    lists = ", ".join(f"%(each_{name})s::{kind}[]" for name, (kind, _) in each.items())
    text = f"""
        WITH given AS (SELECT * FROM unnest({lists}) AS given ({", ".join(each)})), ours AS (
            SELECT id FROM {queue.table} WHERE id = ANY(%(each_id)s::bigint[]) AND lease = %(lease)s AND {condition}
            ORDER BY id FOR NO KEY UPDATE
        )
        UPDATE {queue.table} AS changed SET {assignments}
        FROM ours JOIN given ON given.id = ours.id WHERE changed.id = ours.id
        RETURNING changed.id
        """  # noqa: S608 - fragments of ours
    lease = rows[0].lease
    found, _ = prepared(
        text, {"lease": lease, **values, **{f"each_{name}": bound(list(given)) for name, (_, given) in each.items()}}
    )
    return {pk for (pk,) in found}


def _run(statement: str, values: dict[str, Any] | None = None) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        changed: int = cursor.rowcount
    return changed
