"""Creating a task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Unpack

from django.utils import timezone

from apps.common.faults import declare, fault_point
from apps.common.transactions import write
from apps.projects.events import EventType
from apps.projects.models import Activity, Project
from apps.projects.services import Changes, Event, ensure_inbox, record_event, require_active
from apps.tasks.comments.services import people_named, store_mentions
from apps.tasks.days.settling import settle_new, without_what_follows
from apps.tasks.fields import BY_NAME, FIELDS, TaskFields
from apps.tasks.labels.services import find_labels, label_new_task
from apps.tasks.locking import Authority, lock_project_for_write, require_assignable
from apps.tasks.models import Status, Task, WatchReason
from apps.tasks.order.services import take_in_task
from apps.tasks.services.saving import insert_task
from apps.tasks.subtasks.counting import recount_subtasks
from apps.tasks.subtasks.placing import parent_in, project_of_parent, reference_to, require_place
from apps.tasks.watching.services import follow, notify_event
from apps.users.models import User

declare("task.created")


@write
def create_task(
    *,
    actor: User,
    title: str,
    project: int | None = None,
    labels: Sequence[int] = (),
    external: tuple[str, str] | None = None,
    as_administrator: bool = False,
    **fields: Unpack[TaskFields],
) -> Task:
    """Create a task with the next number of `project` (an id); without one, of its parent's project or the Inbox.

    What is left out of `fields` has the model's default, `labels` are ids, `external` is a source and an id there that
    no task of the project has; `as_administrator` is the admin site's right. Raises ValidationError at /project and
    /parent for one the actor does not see, at /assigned_to for somebody who is no member, at /description for too many
    people named in it and at a label that the project does not have, ForbiddenError without the role, ConflictError
    `project_archived`, `too_many_labels` and those of `require_place`.
    """
    authority = Authority(actor, as_administrator)
    parent_id = fields.get("parent")
    project_id = _project_for(authority, project, parent_id)
    assignee = fields.get("assigned_to")
    locked = lock_project_for_write(authority, project_id, people=[assignee])
    require_assignable(locked, assignee)
    parent = None
    if parent_id is not None:
        parent = parent_in(locked.project, parent_id, authority=authority, is_followed=project is None)
    due = settle_new(fields, actor=actor)
    named = people_named(fields.get("description", ""), project_id=locked.project.pk, pointer="/description")
    wanted = find_labels(locked.project.pk, {"labels": labels} if labels else {})
    require_active(locked.project)
    if parent is not None:
        require_place(parent, authority=authority)
    task = _task(title, due, project=locked.project, actor=actor)
    task.external_source, task.external_id = external or (None, None)
    task.note(parent_is_done=parent is not None and parent.status == Status.DONE)
    insert_task(task)
    recount_subtasks([parent_id])
    mentioned = store_mentions(task, named, is_new=True) - {actor.pk}
    follow(task.pk, dict.fromkeys(mentioned, WatchReason.MENTIONED))
    notify_event(_record(task, parent, label_new_task(task, wanted), actor=actor), mentioned=mentioned)
    fault_point("task.created")
    return task


def _project_for(authority: Authority, project_id: int | None, parent_id: int | None) -> int:
    if project_id is not None:
        return project_id
    return ensure_inbox(authority.user).pk if parent_id is None else project_of_parent(authority, parent_id)


def _task(title: str, fields: Mapping[str, Any], *, project: Project, actor: User) -> Task:
    now = timezone.now()
    is_done = fields.get("status") == Status.DONE
    slot = take_in_task(project, is_open=not is_done)
    return Task(
        project=project,
        number=slot.number,
        rank=slot.rank,
        title=title,
        created_by=actor,
        completed_at=now if is_done else None,
        created_at=now,
        updated_at=now,
        **{BY_NAME[name].attribute: value for name, value in fields.items()},
    )


def _record(task: Task, parent: Task | None, labels: Changes, *, actor: User) -> Activity:
    changes = {**initial_changes(task), **labels}
    if parent is not None:
        changes["parent"] = (None, reference_to(parent))
    event = Event(
        type=EventType.TASK_CREATED, changes=changes, version=task.version, task_id=task.pk, task_key=task.key
    )
    return record_event(task.project_id, event, actor_id=actor.pk)


def initial_changes(task: Task) -> dict[str, tuple[None, Any]]:
    """Return what the history says of a new task: its title and what was set beside it."""
    values = {field.name: getattr(task, field.attribute) for field in FIELDS if field.is_initial}
    changes: dict[str, Any] = {name: (None, value) for name, value in values.items() if value is not None}
    return without_what_follows(task, changes)
