"""Closing the open sub-tasks of a task that is set to done (contract ST8), and what all acts on a tree share."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from apps.batches.context import current_batch
from apps.batches.models import Action
from apps.common.errors import ConflictError
from apps.common.faults import declare, fault_point
from apps.projects.events import EventType
from apps.projects.models import Activity, OnParentDone
from apps.projects.services import Changes, Event, adjust_counts, record_events
from apps.tasks.locking import LockedTask
from apps.tasks.models import Status, Task
from apps.tasks.services.saving import save_all
from apps.tasks.subtasks.counting import recount_subtasks
from apps.tasks.subtasks.tree import Below, lock_below
from apps.tasks.watching.services import notify_batch
from apps.users.models import User

SHOWN = 10  # keys in a rejection

declare("task.subtasks_closed")


def event_of(
    task: Task, event_type: EventType, changes: Changes, *, verb: str = "", reordered: Sequence[int] = ()
) -> Event:
    """Return the event about one task of a tree, with its version after the act; `reordered` have other ranks."""
    return Event(
        type=event_type,
        verb=verb,
        changes=changes,
        version=task.version,
        object_ids=reordered or None,
        task_id=task.pk,
        task_key=task.key,
    )


def notify_others(events: Sequence[Activity], action: Action) -> None:
    """Notify each person once of the tasks that changed with another one (contract N2); a batch does it for itself."""
    if events and current_batch() is None:
        notify_batch(events, action=action.value)


def open_below(locked: LockedTask, on_subtasks: str | None) -> list[Task]:
    """Lock and return the open tasks below one that is to be done, where they are to be done with it (ST8).

    `on_subtasks`, or else the project, says so; ConflictError `open_subtasks` where it rejects them.
    """
    choice = on_subtasks or locked.project.on_parent_done
    if choice == OnParentDone.LEAVE:
        return []
    open_tasks = [task for task in lock_below(locked.task, Below.ACTIVE) if task.is_open]
    if open_tasks and choice == OnParentDone.REJECT:
        raise _open_subtasks(open_tasks)
    return open_tasks


def close_below(locked: LockedTask, tasks: Sequence[Task], *, actor: User) -> None:
    """Set the locked tasks to done, in the batch of the task above them, and write their events."""
    before = {task.pk: task.status for task in tasks}
    now = timezone.now()
    save_all(tasks, now=now, status=Status.DONE, completed_at=now)
    adjust_counts(locked.project, open_tasks=-len(tasks))
    recount_subtasks(task.parent_id for task in tasks)
    events = [
        event_of(task, EventType.TASK_UPDATED, {"status": (before[task.pk], Status.DONE)}, verb="status_changed")
        for task in tasks
    ]
    recorded = record_events(locked.project.pk, events, actor_id=actor.pk, batch_id=locked.batch())
    notify_others(recorded, Action.COMPLETE)
    fault_point("task.subtasks_closed")


def _open_subtasks(tasks: list[Task]) -> ConflictError:
    first = sorted(tasks, key=lambda task: task.number)[:SHOWN]
    return ConflictError(
        "The task has open sub-tasks.",
        code="open_subtasks",
        extra={"count": len(tasks), "first": [task.key for task in first]},
    )
