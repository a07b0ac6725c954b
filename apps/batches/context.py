"""The batch that the running code is part of.

The services that write events ask for it: inside one, all their events carry its id, they keep no batch of their own,
and they notify nobody, because the batch notifies once when it is done.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from apps.common.uuid7 import uuid7

Former = dict[str, dict[str, Any]]  # JSON values: names, and ids as texts


@dataclass
class RunningBatch:
    """A batch being worked on, and the events (rows of the log) that it has written so far.

    `mentioned` has the people newly named in a text of a task, by its id, and `unblocked` the tasks that wait for no
    other any more: whom the events alone do not name when the batch notifies people. `former` has what tasks had before
    and events do not say (`rank`, `completed_at`), by name and the task's id; an undo is given those of the batch that
    it takes back, as `restoring`.
    """

    id: UUID = field(default_factory=uuid7)
    events: list[Any] = field(default_factory=list)
    mentioned: dict[int, set[int]] = field(default_factory=dict)
    unblocked: set[int] = field(default_factory=set)
    former: Former = field(default_factory=dict)
    restoring: Former = field(default_factory=dict)
    _by_task: dict[int | None, list[Any]] = field(default_factory=dict, init=False, repr=False)
    _indexed: int = field(default=0, init=False, repr=False)  # how many of `events` stand in `_by_task`

    def events_of(self, task_id: int) -> list[Any]:
        """Return the events written for a task so far, oldest first."""
        for event in self.events[self._indexed :]:
            self._by_task.setdefault(event.task_id, []).append(event)
        self._indexed = len(self.events)
        return self._by_task.get(task_id, [])

    def remember(self, name: str, values: Mapping[int, Any]) -> None:
        """Add to `former`: `values` by the task's id."""
        self.former.setdefault(name, {}).update({str(task_id): value for task_id, value in values.items()})

    def turn(self) -> RunningBatch:
        """Return a part of the batch, with its id, that `absorb` takes in unless it fails."""
        return RunningBatch(self.id, restoring=self.restoring)

    def absorb(self, turn: RunningBatch) -> None:
        """Take in what a part has done."""
        self.events += turn.events
        self.unblocked |= turn.unblocked
        for task_id, people in turn.mentioned.items():
            self.mentioned.setdefault(task_id, set()).update(people)
        for name, values in turn.former.items():
            self.former.setdefault(name, {}).update(values)


_current: ContextVar[RunningBatch | None] = ContextVar("batch", default=None)


def current_batch() -> RunningBatch | None:
    """Return the batch of the running code, None for a single act."""
    return _current.get()


def keep_former(name: str, values: Mapping[int, Any]) -> None:
    """Let the running batch, if there is one, remember what tasks had before: `values` by the task's id."""
    if (batch := _current.get()) is not None:
        batch.remember(name, values)


def former_value(name: str, task_id: int) -> Any:
    """Return what the task had before the batch that is being undone, None if it does not say or none is."""
    batch = _current.get()
    return batch.restoring.get(name, {}).get(str(task_id)) if batch else None


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
