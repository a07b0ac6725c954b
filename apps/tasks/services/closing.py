"""Setting a task to done: what may forbid it, and what it sets free."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.projects.models import Activity
from apps.tasks.locking import Authority, LockedTask
from apps.tasks.models import Status, Task
from apps.tasks.relations.services import Blocks, notify_unblocked, require_unblocked


@dataclass(frozen=True)
class Closing:
    """What is known before the write of a task; of one that is not about to be done, nothing."""

    blocks: Blocks = field(default_factory=Blocks)
    was_open: bool = False

    def end(self, task: Task, event: Activity) -> None:
        """Say in the task's `effects` what still blocks it, and notify the people of what it blocked until `event`."""
        if self.blocks.open_blockers:
            task.effects = {**(task.effects or {}), "blocked_by_open": self.blocks.open_blockers}
        if self.was_open and self.blocks.are_blockers:
            notify_unblocked([task], event=event)


def begin_closing(locked: LockedTask, wanted: Mapping[str, Any], authority: Authority) -> Closing:
    """Return what a write of the `wanted` fields closes; ConflictError `blocked` (contract DE7)."""
    if wanted.get("status") != Status.DONE:
        return Closing()
    blocks = require_unblocked([locked.task], locked.destination.project, authority)
    return Closing(blocks, was_open=locked.task.is_open)
