"""Setting a task to done: what may forbid it, and what it sets free."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from apps.projects.models import Activity
from apps.tasks.locking import Authority, LockedTask
from apps.tasks.models import Status, Task
from apps.tasks.relations.services import Blocks, notify_unblocked, require_unblocked
from apps.tasks.services.cascading import open_below


@dataclass(frozen=True)
class Closing:
    """What is known before the write of a task; of one that is not about to be done, nothing.

    `below` are the open sub-tasks that will be done with it.
    """

    below: Sequence[Task] = ()
    blocks: Blocks = field(default_factory=Blocks)
    was_open: bool = False

    def end(self, task: Task, event: Activity) -> None:
        """Say in the task's `effects` what still blocks it, and notify the people of what it blocked until `event`."""
        task.note(blocked_by_open=self.blocks.open_blockers)
        done = [*self.below, *([task] if self.was_open else [])]
        if done and self.blocks.are_blockers:
            notify_unblocked(done, event=event)


def begin_closing(
    locked: LockedTask, wanted: Mapping[str, Any], authority: Authority, *, on_subtasks: str | None = None
) -> Closing:
    """Return what a write of the `wanted` fields closes; `on_subtasks` goes before what the project says of sub-tasks.

    Raises ConflictError `open_subtasks` (contract ST8) or `blocked` (DE7), also for one of the sub-tasks.
    """
    if wanted.get("status") != Status.DONE:
        return Closing()
    below = open_below(locked, on_subtasks)
    blocks = require_unblocked([locked.task, *below], locked.destination.project, authority)
    return Closing(below, blocks, was_open=locked.task.is_open)
