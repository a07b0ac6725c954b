"""One transaction per write, repeated when PostgreSQL or the write itself asks for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction

from apps.common.sql.statements import prepared

P = ParamSpec("P")
R = TypeVar("R")

# Serialization failure and deadlock: PostgreSQL, appendix A, class 40.
RETRIED = {"40001", "40P01"}
# Seconds before the second run: at once, it would take the same locks before the winner wakes up.
PAUSE = 0.03
RESTARTS = 10  # of one write, see `start_again`; each means that another write came in between

_restarts_left: ContextVar[int] = ContextVar("restarts_left", default=0)


class StartAgain(Exception):
    """Ends a transaction that `run_write` is to begin anew; see `start_again`."""


def sqlstate_of(error: BaseException | None) -> str:
    """Return the five-character SQLSTATE behind a Django database error, or an empty string."""
    while error is not None:
        if state := getattr(error, "sqlstate", None):
            return str(state)
        error = error.__cause__
    return ""


def run_write(work: Callable[[], R]) -> R:
    """Run `work` in a transaction; after a deadlock or serialization failure once more.

    Inside another transaction it simply runs: only the outermost can be repeated.
    """
    if connection.in_atomic_block:
        return work()
    try:
        return _run_restarting(work)
    except OperationalError as error:
        if sqlstate_of(error) not in RETRIED:
            raise
    time.sleep(PAUSE)
    return _run_restarting(work)


def _run_restarting(work: Callable[[], R]) -> R:
    for left in range(RESTARTS, 0, -1):
        token = _restarts_left.set(left)
        try:
            with transaction.atomic():
                return work()
        except StartAgain:
            continue
        finally:
            _restarts_left.reset(token)
    with transaction.atomic():
        return work()


def start_again() -> None:
    """Roll back the running write, which frees its locks, and run it again from the start.

    For a write that finds, under its locks, that it needs others: to take those as well would break the
    order of locks, and deadlock. Returns when the write cannot be repeated: it is part of a larger
    transaction, or has been repeated RESTARTS times.
    """
    if _restarts_left.get():
        raise StartAgain


@contextmanager
def one_snapshot() -> Iterator[None]:
    """Let what is read inside come from one snapshot of the database, and reject writes.

    Inside another transaction it is that one's, whatever its level.
    """
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost:
            prepared("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY", ())
        yield


def write(function: Callable[P, R]) -> Callable[P, R]:
    """Make a service one transaction, see `run_write`."""

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        return run_write(lambda: function(*args, **kwargs))

    return wrapper
