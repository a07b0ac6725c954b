"""One transaction per write, run again once when PostgreSQL asks for it."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import OperationalError, connection, transaction

P = ParamSpec("P")
R = TypeVar("R")

# Serialization failure and deadlock: PostgreSQL, appendix A, class 40.
RETRIED = {"40001", "40P01"}
# Seconds before the second run: at once, it would take the same locks before the winner wakes up.
PAUSE = 0.03


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
        with transaction.atomic():
            return work()
    except OperationalError as error:
        if sqlstate_of(error) not in RETRIED:
            raise
    time.sleep(PAUSE)
    with transaction.atomic():
        return work()


def write(function: Callable[P, R]) -> Callable[P, R]:
    """Make a service one transaction, see `run_write`."""

    @wraps(function)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> R:
        return run_write(lambda: function(*args, **kwargs))

    return wrapper
