"""Archiving a task with what is below it, and bringing back what one act archived (contract ST11)."""

from __future__ import annotations

from django.utils import timezone

from apps.batches.models import Action
from apps.batches.services import keep_act
from apps.common.concurrency import Expected
from apps.common.faults import declare, fault_point
from apps.common.transactions import write
from apps.common.uuid7 import uuid7
from apps.projects.events import EventType
from apps.projects.services import adjust_counts, record_events
from apps.tasks.locking import Authority, LockedTask, lock_task, require_state
from apps.tasks.models import Task
from apps.tasks.services.cascading import event_of, notify_others, save_all
from apps.tasks.subtasks.counting import recount_subtasks
from apps.tasks.subtasks.placing import parent_of, require_active_parent
from apps.tasks.subtasks.tree import Below, lock_below
from apps.tasks.watching.services import notify_event
from apps.users.models import User

declare("task.archived")


@write
def archive_task(*, actor: User, task: Task, expected: Expected = None, as_administrator: bool = False) -> Task:
    """Take the task, with all below it, out of lists, counts and reminders; once more changes nothing."""
    return _set_archived(Authority(actor, as_administrator), task, expected, archived=True)


@write
def unarchive_task(*, actor: User, task: Task, expected: Expected = None, as_administrator: bool = False) -> Task:
    """Bring an archived task back with what was archived by the same act; once more changes nothing.

    Raises ConflictError `parent_archived` while its parent is.
    """
    return _set_archived(Authority(actor, as_administrator), task, expected, archived=False)


def _set_archived(authority: Authority, task: Task, expected: Expected, *, archived: bool) -> Task:
    locked = lock_task(authority, task)
    require_state(locked, expected)
    task = locked.task
    if task.is_archived == archived:
        return task
    if not archived:
        require_active_parent(parent_of(task))
    below = lock_below(task, Below.ACTIVE if archived else Below.ARCHIVED_ALONG)
    tasks = [task, *below]
    were_open = sum(each.is_open for each in tasks)
    # Not the batch: that may have archived others beside this tree
    save_all(tasks, archived_at=timezone.now() if archived else None, archive_batch=uuid7() if archived else None)
    adjust_counts(locked.project, open_tasks=sum(each.is_open for each in tasks) - were_open)
    recount_subtasks(each.parent_id for each in tasks)
    locked.note(subtasks_changed=len(below))
    _record(locked, tasks, archived=archived, actor=authority.user)
    fault_point("task.archived")
    return task


def _record(locked: LockedTask, tasks: list[Task], *, archived: bool, actor: User) -> None:
    changes = {"is_archived": (not archived, archived)}
    event_type = EventType.TASK_ARCHIVED if archived else EventType.TASK_UNARCHIVED
    events = [event_of(task, event_type, changes) for task in tasks]
    action = Action.ARCHIVE if archived else Action.UNARCHIVE
    root, *others = record_events(locked.project.pk, events, actor_id=actor.pk, batch_id=locked.batch())
    keep_act(locked.batch(), actor=actor, action=action, changed=len(tasks))
    notify_event(root)
    notify_others(others, action)
