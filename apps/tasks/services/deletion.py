"""Deleting a task: into the trash, or for good while there is no trash."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone

from apps.batches.context import batch_id_of_act
from apps.batches.models import Action
from apps.batches.services import keep_act
from apps.common.concurrency import Expected
from apps.common.errors import ForbiddenError
from apps.common.faults import declare, fault_point
from apps.common.transactions import write
from apps.projects.events import EventType
from apps.projects.models import TrashEntry
from apps.projects.roles import Capability
from apps.projects.services import Event, adjust_counts, make_entry, record_events
from apps.tasks.erasing import erase_tasks
from apps.tasks.locking import Authority, LockedTask, lock_task, require_state
from apps.tasks.models import Attachment, Task
from apps.tasks.services.cascading import event_of
from apps.tasks.services.saving import save_all
from apps.tasks.subtasks.counting import recount_subtasks
from apps.tasks.subtasks.placing import parent_of, reference_to
from apps.tasks.subtasks.tree import Below, lock_below
from apps.users.models import User

declare("task.deleted")


@write
def delete_task(
    *, actor: User, task: Task, expected: Expected = None, as_administrator: bool = False
) -> TrashEntry | None:
    """Put the task into the trash and return its entry; its number is never used again (TR1, TR2).

    With TRASH_DAYS=0 it is erased at once, and there is no entry (TR12). Members delete what they created, admins
    anything. Raises NotFoundError, ForbiddenError, PreconditionFailedError, ConflictError `project_archived`.
    """
    authority = Authority(actor, as_administrator)
    locked = lock_task(authority, task)
    if locked.task.created_by_id != actor.pk and not authority.may(locked.roles, Capability.DELETE_ANY_TASK):
        raise ForbiddenError("Only its creator or an admin of the project deletes a task.")
    require_state(locked, expected)
    tasks = [locked.task, *lock_below(locked.task, Below.KEPT)]
    entry = _trash(locked, tasks, actor=actor) if settings.TRASH_DAYS else None
    batch_id = entry.batch_id if entry else None
    parent = parent_of(locked.task) if entry else None
    events = [_event(task, parent if task is locked.task else None, is_trashed=entry is not None) for task in tasks]
    record_events(locked.project.pk, events, actor_id=actor.pk, batch_id=batch_id)
    if batch_id is not None:
        keep_act(batch_id, actor=actor, action=Action.DELETE, changed=len(tasks))
    adjust_counts(locked.project, tasks=-len(tasks), open_tasks=-sum(task.is_open for task in tasks))
    if entry is None:
        erase_tasks([task.pk for task in tasks])
    recount_subtasks(task.parent_id for task in tasks)
    fault_point("task.deleted")
    return entry


def _trash(locked: LockedTask, tasks: list[Task], *, actor: User) -> TrashEntry:
    """Put the locked tasks into one entry, each as its next version."""
    files = Attachment.objects.ready().filter(task__in=tasks)
    entry = make_entry(
        locked.project,
        actor=actor,
        root_id=locked.task.pk,
        tasks_count=len(tasks),
        attachments_bytes=files.aggregate(total=Sum("size"))["total"] or 0,
        batch_id=batch_id_of_act(),
    )
    save_all(tasks, now=timezone.now(), trash=entry)
    return entry


def _event(task: Task, parent: Task | None, *, is_trashed: bool) -> Event:
    changes: dict[str, tuple[Any, None]] = {"title": (task.title, None)}
    if is_trashed and task.assigned_to_id is not None:  # a restore compares with it (TR8)
        changes["assigned_to"] = (task.assigned_to_id, None)
    if parent is not None:  # of the root alone; a restore looks for it (TR9)
        changes["parent"] = (reference_to(parent), None)
    return event_of(task, EventType.TASK_DELETED, changes)
