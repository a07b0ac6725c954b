"""Changing a project's own fields: edit, archive, unarchive."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.common.concurrency import Expected, require_version
from apps.common.transactions import write
from apps.projects.models import Project
from apps.projects.roles import Capability
from apps.projects.services.creation import key_taken, violates_key
from apps.projects.services.history import record_activity
from apps.projects.services.locking import lock_project_as, require_active, require_no_inbox
from apps.users.models import User

EDITABLE = ("name", "key", "description")


@write
def update_project(*, actor: User, project_id: int, expected: Expected = None, changes: Mapping[str, Any]) -> Project:
    """Set the project's fields among name, key and description; what stays the same changes nothing.

    Raises PreconditionFailed, ConflictError `project_archived` or `key_taken`.
    """
    project = lock_project_as(actor, project_id, Capability.MANAGE_PROJECT)
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
        record_activity(project_id=project.pk, actor_id=actor.pk, verb="updated", changes=changed)
    return project


@write
def archive_project(*, actor: User, project_id: int, expected: Expected = None) -> Project:
    """Make the project read-only; once more changes nothing. Raises ConflictError for an Inbox."""
    return _set_archived(actor, project_id, expected, archived=True)


@write
def unarchive_project(*, actor: User, project_id: int, expected: Expected = None) -> Project:
    """Open the project for writes again; once more changes nothing."""
    return _set_archived(actor, project_id, expected, archived=False)


def _set_archived(actor: User, project_id: int, expected: Expected, *, archived: bool) -> Project:
    project = lock_project_as(actor, project_id, Capability.MANAGE_PROJECT)
    require_version(project, expected)
    if archived:
        require_no_inbox(project, "archived")
    if project.is_archived != archived:
        previous, project.archived_at = project.archived_at, timezone.now() if archived else None
        save_version(project, "archived_at")
        record_activity(
            project_id=project.pk,
            actor_id=actor.pk,
            verb="archived" if archived else "unarchived",
            changes={"archived_at": (previous, project.archived_at)},
        )
    return project


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
