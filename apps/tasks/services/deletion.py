"""Ending a task."""

from __future__ import annotations

from collections.abc import Sequence

from apps.common.concurrency import Expected
from apps.common.errors import ForbiddenError
from apps.common.faults import declare, fault_point
from apps.common.transactions import write
from apps.projects.erasure import erase_below, erase_rows
from apps.projects.events import EventType
from apps.projects.roles import Capability
from apps.projects.services import Event, adjust_counts, record_event
from apps.tasks.attachments.services import detach_files
from apps.tasks.locking import Authority, lock_task, require_state
from apps.tasks.models import Task
from apps.users.models import User

declare("task.deleted")


def erase_tasks(task_ids: Sequence[int]) -> None:
    """Delete tasks with all that is below them, in the caller's transaction; their files are detached.

    The caller holds the locks of their projects, and keeps counts and history.
    """
    detach_files(task_ids=task_ids)
    erase_below("task", task_ids)
    erase_rows(Task, task_ids)


@write
def delete_task(*, actor: User, task: Task, expected: Expected = None, as_administrator: bool = False) -> None:
    """Delete the task; its files are detached and cleaned up later, its number is never used again.

    Members delete what they created, admins anything. Raises NotFoundError, ForbiddenError,
    PreconditionFailed, ConflictError `project_archived`.
    """
    authority = Authority(actor, as_administrator)
    locked = lock_task(authority, task)
    task = locked.task
    if task.created_by_id != actor.pk and not authority.may(locked.roles, Capability.DELETE_ANY_TASK):
        raise ForbiddenError("Only its creator or an admin of the project deletes a task.")
    require_state(locked, expected)
    task_id, key, was_open = task.pk, task.key, task.is_open
    erase_tasks([task_id])
    adjust_counts(locked.project, tasks=-1, open_tasks=-int(was_open))
    event = Event(
        type=EventType.TASK_DELETED,
        changes={"title": (task.title, None)},
        version=task.version,
        task_id=task_id,
        task_key=key,
    )
    record_event(locked.project.pk, event, actor_id=actor.pk)
    fault_point("task.deleted")
