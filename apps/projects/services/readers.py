"""Who reads the event log: each is woken after a commit of events, and keeps those that it has still to read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from apps.common.background.nudge import nudge, wake_streams
from apps.projects.models import Activity


@dataclass(frozen=True, kw_only=True)
class Reader:
    """A job of a higher app that reads the log.

    `needed` returns which events of the log, as OuterRef names them, it has still to read; `is_on` whether it is woken.
    """

    job: str
    needed: Callable[[], Q]
    is_on: Callable[[], bool] = lambda: True


_readers: dict[str, Reader] = {}


def register_reader(reader: Reader) -> None:
    """Add a reader; called once at start."""
    _readers[reader.job] = reader


def wake_readers() -> None:
    """Wake the streams and every reader after the running transaction commits."""
    wake_streams()
    for reader in _readers.values():
        if reader.is_on():
            nudge(reader.job)


def without_needed(events: QuerySet[Activity]) -> QuerySet[Activity]:
    """Return the events that no reader has still to read (contract E8)."""
    for reader in _readers.values():
        events = events.exclude(reader.needed())
    return events
