"""One relay at a time: two would mix a project's events."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import DatabaseError, InterfaceError, connection

RELAY = 0x72656C61  # the key of the advisory lock
PAUSE = 1.0  # seconds


@contextmanager
def relay_lock(*, wait: bool) -> Iterator[bool]:
    """Hold the lock of the relay, which ends with this database session; yield whether it is ours.

    `wait` waits until whoever holds it lets go; without it a lock that is taken yields False.
    """
    taken = _ask("SELECT pg_try_advisory_lock(%s)")
    while wait and not taken:
        time.sleep(PAUSE)
        taken = _ask("SELECT pg_try_advisory_lock(%s)")
    try:
        yield taken
    finally:
        if taken:
            with suppress(DatabaseError, InterfaceError):  # a connection that is lost has let go already
                _ask("SELECT pg_advisory_unlock(%s)")


def _ask(statement: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(statement, [RELAY])
        row = cursor.fetchone()
    return bool(row and row[0])
