"""The trash entries of a project, and putting a project into the trash and back (contract TR)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from apps.common.concurrency import Expected, require_version
from apps.common.errors import ConflictError, ForbiddenError, NotFoundError
from apps.common.faults import declare, fault_point
from apps.common.origin import current_door
from apps.common.transactions import write
from apps.projects.events import EventType
from apps.projects.models import Membership, Project, TrashEntry
from apps.projects.roles import Capability, Role
from apps.projects.services.changes import record_project, save_version
from apps.projects.services.deletion import erase
from apps.projects.services.keys import free_key
from apps.projects.services.locking import lock_project, lock_project_as, require_no_inbox
from apps.users.models import User

declare("trash.project_deleted", "trash.project_restored", "trash.project_purged")


@write
def delete_project(
    *, actor: User, project_id: int, expected: Expected = None, as_administrator: bool = False
) -> TrashEntry | None:
    """Put the project into the trash, or erase it when TRASH_DAYS is 0; return its entry (TR1, TR12).

    Raises PreconditionFailedError, or ConflictError for an Inbox.
    """
    project = lock_project_as(actor, project_id, Capability.OWN_PROJECT, as_administrator=as_administrator)
    require_version(project, expected)
    require_no_inbox(project, "deleted")
    if settings.TRASH_DAYS:
        return trash_project(project, actor=actor)
    erase(project)
    return None


def make_entry(
    project: Project,
    *,
    actor: User,
    root_id: int,
    tasks_count: int,
    attachments_bytes: int,
    batch_id: UUID | None = None,
) -> TrashEntry:
    """Insert an entry of the locked project; `batch_id` is that of a task's deletion, and None for the project itself.

    `purge_at` is fixed now: a later change of TRASH_DAYS moves nothing (TR1).
    """
    now = timezone.now()
    return TrashEntry.objects.create(
        project=project,
        type=TrashEntry.Type.TASK if batch_id else TrashEntry.Type.PROJECT,
        root_id=root_id,
        batch_id=batch_id,
        deleted_by=actor,
        deleted_at=now,
        purge_at=now + timedelta(days=settings.TRASH_DAYS),
        tasks_count=tasks_count,
        attachments_bytes=attachments_bytes,
        origin=current_door().origin.value,
    )


def trash_project(project: Project, *, actor: User) -> TrashEntry:
    """Put the locked project into the trash; nothing inside changes, and its members see it no more (TR2, TR4)."""
    entry = make_entry(
        project,
        actor=actor,
        root_id=project.pk,
        tasks_count=project.tasks_count,
        attachments_bytes=project.attachment_bytes,
    )
    project.trash = entry
    save_version(project, "trash")
    record_project(project, EventType.PROJECT_DELETED, {"name": (project.name, None)}, actor=actor)
    fault_point("trash.project_deleted")
    return entry


def restore_project(*, actor: User, entry: TrashEntry, key: str | None, as_administrator: bool) -> Project:
    """Bring the project back, under `key` if one is given, inside the caller's transaction (TR7).

    Raises NotFoundError when the entry is gone, ForbiddenError for anybody but the owner, ConflictError `key_taken`
    with a `suggestion`.
    """
    project, _ = lock_entry(entry)
    require_owner(project, actor, as_administrator=as_administrator)
    changes: dict[str, tuple[Any, Any]] = {"name": (None, project.name)}
    if key is not None and key != project.key:
        changes["key"] = (project.key, key)
        project.key = key
    project.trash = None
    try:
        save_version(project, "trash", "key")
    except ConflictError as error:
        raise _key_taken(project) from error
    entry.delete()
    record_project(project, EventType.PROJECT_RESTORED, changes, actor=actor)
    fault_point("trash.project_restored")
    return project


def purge_project(*, actor: User | None, entry: TrashEntry, as_administrator: bool = False) -> None:
    """Erase a project that is in the trash, inside the caller's transaction; without `actor` it has expired."""
    project, _ = lock_entry(entry)
    if actor is not None:
        require_owner(project, actor, as_administrator=as_administrator)
    erase(project)
    fault_point("trash.project_purged")


def lock_entry(entry: TrashEntry) -> tuple[Project, TrashEntry]:
    """Lock the entry's project, then the entry, and return both; NotFoundError when it is gone by now (TR15)."""
    project = lock_project(entry.project_id)
    row = TrashEntry.objects.select_for_update(no_key=True).filter(pk=entry.pk).first()
    if row is None:
        raise NotFoundError
    return project, row


def require_owner(project: Project, actor: User, *, as_administrator: bool = False) -> None:
    """Raise NotFoundError for a stranger and ForbiddenError for a member who is not the owner."""
    if as_administrator or project.owner_id == actor.pk:
        return
    if not Membership.objects.of(actor).filter(project=project).exists():
        raise NotFoundError
    raise ForbiddenError(f"Only the {Role.OWNER.label.lower()} of a project restores or purges it.")


def _key_taken(project: Project) -> ConflictError:
    taken = set(Project.objects.kept().filter(owner_id=project.owner_id).values_list("key", flat=True))
    return ConflictError(
        "The owner has another project with this key now.",
        code="key_taken",
        extra={"suggestion": free_key(project.name, taken=taken)},
    )
