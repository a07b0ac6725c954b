"""Making a task."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils import timezone

from apps.common.faults import declare, fault_point
from apps.common.sql.writes import insert
from apps.common.transactions import write
from apps.projects.services import ensure_inbox, record_activity, require_active, take_in_task
from apps.tasks.locking import Authority, lock_project_for_write, require_assignable
from apps.tasks.models import Priority, Status, Task
from apps.tasks.services.notifying import notify_created
from apps.users.models import User

declare("task.created")


@write
def create_task(
    *,
    actor: User,
    title: str,
    project: int | None = None,
    description: str = "",
    status: str = Status.TODO,
    priority: str = Priority.MEDIUM,
    assigned_to: int | None = None,
    due_date: datetime | None = None,
    duration: int | None = None,
    metadata: dict[str, Any] | None = None,
    as_administrator: bool = False,
) -> Task:
    """Make a task with the next number of `project` (an id), or of the actor's Inbox without one.

    `assigned_to` is the id of a member, `duration` minutes, `as_administrator` the admin site's right.
    Raises ValidationError at /project for one out of sight and at /assigned_to for a stranger,
    ForbiddenError without the role, ConflictError `project_archived`.
    """
    authority = Authority(actor, as_administrator)
    project_id = ensure_inbox(actor).pk if project is None else project
    place = lock_project_for_write(authority, project_id, people=[assigned_to], with_managers=True)
    require_assignable(place, assigned_to)
    require_active(place.project)
    now = timezone.now()
    task = Task(
        project=place.project,
        number=take_in_task(place.project, is_open=status != Status.DONE),
        title=title,
        description=description,
        status=status,
        priority=priority,
        assigned_to_id=assigned_to,
        created_by=actor,
        due_date=due_date,
        duration=duration,
        metadata=metadata or {},
        completed_at=now if status == Status.DONE else None,
        created_at=now,
        updated_at=now,
    )
    insert(task)
    _record(task, actor=actor)
    notify_created(task, actor=actor, roles=place.roles)
    fault_point("task.created")
    return task


def _record(task: Task, *, actor: User) -> None:
    record_activity(
        project_id=task.project_id,
        actor_id=actor.pk,
        verb="created",
        changes=_initial(task),
        task_id=task.pk,
        task_key=task.key,
    )


def _initial(task: Task) -> dict[str, tuple[None, Any]]:
    """Return what the history says of a new task: its title and what was set beside it."""
    names = ("title", "status", "priority", "assigned_to_id", "due_date")
    values = {name.removesuffix("_id"): getattr(task, name) for name in names}
    return {name: (None, value) for name, value in values.items() if value is not None}
