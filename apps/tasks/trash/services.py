"""Restoring and purging trash entries: each wholly, under its project's lock."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils import timezone

from apps.batches.context import batch_id_of_act
from apps.batches.models import Action
from apps.batches.services import keep_act
from apps.common.errors import ForbiddenError, NotFoundError
from apps.common.faults import declare, fault_point
from apps.common.transactions import write
from apps.projects.events import EventType
from apps.projects.models import Activity, Project, TrashEntry
from apps.projects.roles import Capability, allows
from apps.projects.services import (
    Changes,
    Event,
    adjust_counts,
    lock_entry,
    purge_project,
    record_event,
    record_events,
    require_active,
    require_kept,
    restore_project,
    role_in,
)
from apps.tasks.erasing import erase_tasks
from apps.tasks.locking import Authority, lock_project_for_write
from apps.tasks.models import Task
from apps.tasks.services.saving import save_all
from apps.tasks.subtasks.counting import recount_subtasks
from apps.tasks.subtasks.placing import detach_if_unplaceable
from apps.tasks.subtasks.tree import Below, lock_below
from apps.users.models import User

declare("trash.task_restored", "trash.task_purged")
BATCH = 1_000  # entries per look


@dataclass(frozen=True)
class Restored:
    """What came back: a task or a project, what was different from before, and the batch that can be undone."""

    type: str
    task: Task | None = None
    project: Project | None = None
    effects: dict[str, Any] = field(default_factory=dict)
    batch_id: UUID | None = None


@dataclass(frozen=True)
class Emptied:
    """How much an emptying purged, or would purge."""

    entries: int
    tasks: int
    attachments_bytes: int


@write
def restore_entry(
    *, actor: User, entry: TrashEntry, key: str | None = None, as_administrator: bool = False
) -> Restored:
    """Bring back all that one deletion took away, or nothing (TR5 to TR9).

    Raises NotFoundError when the entry is gone (`in_trash` when its project is in the trash itself), ForbiddenError,
    ConflictError `project_archived` or `key_taken`.
    """
    if entry.type == TrashEntry.Type.PROJECT:
        project = restore_project(actor=actor, entry=entry, key=key, as_administrator=as_administrator)
        return Restored(entry.type, project=project)
    project, entry = _lock_task_entry(entry, actor, as_administrator=as_administrator)
    require_active(project)
    entry_type = entry.type
    tasks = _lock_trashed(project, entry)
    root, deleted = tasks[0], _changes_of_deletion(entry)
    former = deleted.get(root.pk, {}).get("parent", {}).get("from")
    detached = detach_if_unplaceable(root) or (root.parent_id is None and former is not None)
    save_all(tasks, now=timezone.now(), trash=None)
    adjust_counts(project, tasks=len(tasks), open_tasks=sum(task.is_open for task in tasks))
    recount_subtasks(task.parent_id for task in tasks)
    unassigned = [
        task.key for task in tasks if "assigned_to" in deleted.get(task.pk, {}) and task.assigned_to_id is None
    ]
    entry.delete()
    batch_id = batch_id_of_act()
    changes = {root.pk: {"parent": (former, None)}} if detached else {}
    events = [
        _event(EventType.TASK_RESTORED, task, {"title": (None, task.title), **changes.get(task.pk, {})})
        for task in tasks
    ]
    record_events(project.pk, events, actor_id=actor.pk, batch_id=batch_id)
    keep_act(batch_id, actor=actor, action=Action.RESTORE, changed=len(tasks))
    fault_point("trash.task_restored")
    root.note(detached=detached, unassigned=unassigned)
    return Restored(entry_type, task=root, effects=root.effects or {}, batch_id=batch_id)


@write
def purge_entry(*, actor: User | None, entry: TrashEntry, as_administrator: bool = False) -> None:
    """Erase an entry for good (TR11); without `actor` it has expired and nobody's right is judged.

    Raises NotFoundError, ForbiddenError, ConflictError `project_archived` for a person.
    """
    if entry.type == TrashEntry.Type.PROJECT:
        purge_project(actor=actor, entry=entry, as_administrator=as_administrator)
        return
    if actor is None:
        project, entry = lock_entry(entry)
    else:
        project, entry = _lock_task_entry(entry, actor, as_administrator=as_administrator)
        require_active(project)
    _purge(project, entry, actor=actor)


@write
def empty_trash(*, actor: User, project_id: int, dry_run: bool) -> Emptied:
    """Purge all task entries of a project; with `dry_run` only count them.

    Raises ValidationError at /project for one that the actor does not see, ForbiddenError below admin, ConflictError
    `project_archived`.
    """
    project = lock_project_for_write(Authority(actor), project_id, capability=Capability.MANAGE_PROJECT).project
    require_active(project)
    entries = list(TrashEntry.objects.filter(project=project, type=TrashEntry.Type.TASK).order_by("pk"))
    found = Emptied(
        len(entries), sum(entry.tasks_count for entry in entries), sum(entry.attachments_bytes for entry in entries)
    )
    for entry in entries if not dry_run else ():
        _purge(project, entry, actor=actor)
    return found


def purge_due(*, now: datetime) -> int:
    """Purge every expired entry, one transaction each; return how many went."""
    purged = 0
    due = TrashEntry.objects.due(now=now).order_by("purge_at", "pk")
    for entry in due[:BATCH]:
        try:
            purge_entry(actor=None, entry=entry)
            purged += 1
        except NotFoundError:
            continue  # restored, or purged by somebody else meanwhile
    return purged


def _lock_task_entry(entry: TrashEntry, actor: User, *, as_administrator: bool) -> tuple[Project, TrashEntry]:
    """Lock project and entry, and judge the actor's right on the root alone."""
    project, entry = lock_entry(entry)
    role = role_in(project.pk, actor.pk)
    if role is None and not as_administrator:
        raise NotFoundError
    require_kept(project, is_member=True)
    if not as_administrator and not may_restore(role, actor, entry):
        raise ForbiddenError("Only who deleted or created it, or an admin of the project, restores or purges it.")
    return project, entry


def may_restore(role: str | None, actor: User, entry: TrashEntry) -> bool:
    """Return whether somebody with `role` in the entry's project may restore or purge this entry of a task."""
    if allows(role, Capability.DELETE_ANY_TASK):
        return True
    if not allows(role, Capability.WRITE_TASKS):
        return False
    is_creator = Task.objects.filter(pk=entry.root_id, created_by=actor).exists()
    return is_creator or entry.deleted_by_id == actor.pk


def _purge(project: Project, entry: TrashEntry, *, actor: User | None) -> None:
    """Erase the tasks of a locked entry, their files and the entry, with one event (TR11)."""
    root = Task.objects.select_related("project").get(pk=entry.root_id)
    erase_tasks(list(Task.objects.filter(trash=entry).order_by("pk").values_list("pk", flat=True)))
    event = _event(EventType.TASK_PURGED, root, {"title": (root.title, None)})
    record_event(project.pk, event, actor_id=actor.pk if actor else None)
    entry.delete()
    fault_point("trash.task_purged")


def _event(event_type: EventType, task: Task, changes: Changes) -> Event:
    return Event(type=event_type, changes=changes, version=task.version, task_id=task.pk, task_key=task.key)


def _lock_trashed(project: Project, entry: TrashEntry) -> list[Task]:
    """Lock the tasks of a locked entry and return them in the order of the tree, the root first."""
    root = Task.objects.select_for_update(no_key=True).get(pk=entry.root_id)
    root.project = project
    return [root, *lock_below(root, Below.TRASHED_ALONG)]


def _changes_of_deletion(entry: TrashEntry) -> dict[int, dict[str, Any]]:
    """Return {task: changes} of the events of the deletion; a restore compares with them (TR8, TR9)."""
    deleted = Activity.objects.filter(project_id=entry.project_id, batch_id=entry.batch_id, type=EventType.TASK_DELETED)
    return dict(deleted.values_list("task_id", "changes"))  # type: ignore[arg-type]
