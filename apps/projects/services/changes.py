"""Changing a project's own fields: edit, archive, unarchive."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.common.concurrency import Expected, require_version
from apps.common.transactions import write
from apps.projects.events import EventType
from apps.projects.models import Project
from apps.projects.roles import Capability
from apps.projects.services.creation import key_taken, violates_key
from apps.projects.services.events import Changes, Event, record_event
from apps.projects.services.locking import lock_project_as, require_active, require_no_inbox
from apps.users.models import User

EDITABLE = ("name", "key", "description", "on_parent_done", "new_tasks", "blocked_done")


@write
def update_project(
    *,
    actor: User,
    project_id: int,
    expected: Expected = None,
    changes: Mapping[str, Any],
    as_administrator: bool = False,
) -> Project:
    """Set the project's fields among EDITABLE; what stays the same changes nothing.

    Raises PreconditionFailed, ConflictError `project_archived` or `key_taken`.
    """
    project = lock_project_as(actor, project_id, Capability.MANAGE_PROJECT, as_administrator=as_administrator)
    require_version(project, expected)
    require_active(project)
    changed = {
        name: (getattr(project, name), changes[name])
        for name in EDITABLE
        if name in changes and changes[name] != getattr(project, name)
    }
    if changed:
        for name, (_, value) in changed.items():
            setattr(project, name, value)
        save_version(project, *changed)
        record_project(project, EventType.PROJECT_UPDATED, changed, actor=actor)
    return project


@write
def archive_project(
    *, actor: User, project_id: int, expected: Expected = None, as_administrator: bool = False
) -> Project:
    """Make the project read-only; once more changes nothing. Raises ConflictError for an Inbox."""
    project = lock_project_as(actor, project_id, Capability.MANAGE_PROJECT, as_administrator=as_administrator)
    require_version(project, expected)
    require_no_inbox(project, "archived")
    if not project.is_archived:
        _set_archived(project, actor, timezone.now())
    return project


@write
def unarchive_project(
    *, actor: User, project_id: int, expected: Expected = None, as_administrator: bool = False
) -> Project:
    """Open the project for writes again; once more changes nothing."""
    project = lock_project_as(actor, project_id, Capability.MANAGE_PROJECT, as_administrator=as_administrator)
    require_version(project, expected)
    if project.is_archived:
        _set_archived(project, actor, None)
    return project


def _set_archived(project: Project, actor: User, archived_at: datetime | None) -> None:
    changes = {"archived_at": (project.archived_at, archived_at)}
    project.archived_at = archived_at
    save_version(project, "archived_at")
    record_project(
        project, EventType.PROJECT_ARCHIVED if archived_at else EventType.PROJECT_UNARCHIVED, changes, actor=actor
    )


def record_project(project: Project, event_type: EventType, changes: Changes, *, actor: User) -> None:
    """Write an event about the project itself."""
    event = Event(type=event_type, object_id=project.pk, version=project.version, changes=changes)
    record_event(project.pk, event, actor_id=actor.pk)


def save_version(project: Project, *fields: str) -> None:
    """Save the locked project's `fields` as its next version; ConflictError `key_taken` for a used key."""
    project.version += 1
    project.updated_at = timezone.now()
    try:
        with transaction.atomic():
            project.save(update_fields=[*fields, "version", "updated_at"])
    except IntegrityError as error:
        if violates_key(error):
            raise key_taken() from error
        raise
