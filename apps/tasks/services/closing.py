"""Setting a task to done: what may forbid it, and what it sets free."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from apps.projects.models import Activity
from apps.tasks.locking import LockedTask
from apps.tasks.models import Task
from apps.tasks.relations.services import Blocking, Blocks, notify_unblocked
from apps.tasks.services.cascading import open_below
from apps.tasks.services.surroundings import Surroundings


@dataclass(frozen=True)
class Closing:
    """What is known before the write of a task; of one that is not about to be done, nothing.

    `below` are the open sub-tasks that will be done with it.
    """

    below: Sequence[Task] = ()
    blocks: Blocks = field(default_factory=Blocks)
    was_open: bool = False
    is_about_done: bool = False


def begin_closing(locked: LockedTask, around: Surroundings, *, on_subtasks: str | None = None) -> Closing:
    """Return what closes with a task that is to be done; `on_subtasks` goes before what the project says of sub-tasks.

    Raises ConflictError `open_subtasks` (contract ST8) or `blocked` (DE7), also for one of the sub-tasks.
    """
    below = open_below(locked, on_subtasks) if around.may_have_active_below(locked.task) else []
    tasks = [locked.task, *below]
    blocking = Blocking([task.pk for task in tasks]) if below else around.blocking
    blocks = blocking.around(tasks, locked.destination.project, around.authority)
    return Closing(below, blocks, was_open=locked.task.is_open, is_about_done=True)


def end_closings(closings: Iterable[tuple[Task, Closing]], event: Activity) -> None:
    """Say in each task's `effects` what still blocks it, and notify the people of what they blocked until `event`."""
    done: list[Task] = []
    for task, closing in closings:
        task.note(blocked_by_open=closing.blocks.open_blockers)
        if closing.blocks.are_blockers:
            done += [*closing.below, *([task] if closing.was_open else [])]
    if done:
        notify_unblocked(done, event=event)
