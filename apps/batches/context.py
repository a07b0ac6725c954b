"""The batch that the running code is part of.

The services that write events ask for it: inside one, all their events carry its id, they keep no batch of their own,
and they notify nobody, because the batch notifies once when it is done.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from apps.common.uuid7 import uuid7


@dataclass
class RunningBatch:
    """A batch being worked on, and the events (rows of the log) that it has written so far.

    `mentioned` has the people newly named in a text of a task, by its id, and `unblocked` the tasks that wait for no
    other any more: whom the events alone do not name when the batch notifies people.
    """

    id: UUID = field(default_factory=uuid7)
    events: list[Any] = field(default_factory=list)
    mentioned: dict[int, set[int]] = field(default_factory=dict)
    unblocked: set[int] = field(default_factory=set)


_current: ContextVar[RunningBatch | None] = ContextVar("batch", default=None)


def current_batch() -> RunningBatch | None:
    """Return the batch of the running code, None for a single act."""
    return _current.get()


def batch_id_of_act() -> UUID:
    """Return the id for the events of an act that can be undone: that of the running batch, or a new one."""
    batch = _current.get()
    return batch.id if batch else uuid7()


@contextmanager
def acting_in(batch: RunningBatch) -> Iterator[RunningBatch]:
    """Let what runs inside be part of `batch`."""
    reset = _current.set(batch)
    try:
        yield batch
    finally:
        _current.reset(reset)
