"""Making a project with its owner's membership."""

from __future__ import annotations

from datetime import datetime
from typing import TypedDict, Unpack

from django.db import IntegrityError, transaction

from apps.common.errors import AuthenticationError, ConflictError
from apps.common.transactions import write
from apps.projects.events import EventType
from apps.projects.models import Membership, Project
from apps.projects.roles import Role
from apps.projects.services.events import Event, record_event
from apps.projects.services.keys import free_key
from apps.users.models import User

KEY_CONSTRAINT = "project_key_free_for_owner"
ATTEMPTS = 5  # a key made from the name may be taken between looking and inserting


class ProjectSettings(TypedDict, total=False):
    """How a project treats its tasks, and when it was made elsewhere; what is left out has the model's default."""

    on_parent_done: str
    new_tasks: str
    blocked_done: str
    created_at: datetime


@write
def create_project(
    *,
    actor: User,
    name: str,
    key: str = "",
    description: str = "",
    owner: User | None = None,
    **settings: Unpack[ProjectSettings],
) -> Project:
    """Make a project owned by `actor`, or by `owner` for an administrator; without a `key` one is made from the name.

    Raises ConflictError `key_taken` when the owner already has a project with this key.
    """
    project = insert_project(owner=owner or actor, name=name, key=key, description=description, **settings)
    event = Event(type=EventType.PROJECT_CREATED, object_id=project.pk, version=1, changes={"name": (None, name)})
    record_event(project.pk, event, actor_id=actor.pk)
    return project


def insert_project(
    *,
    owner: User,
    name: str,
    key: str = "",
    description: str = "",
    is_inbox: bool = False,
    **settings: Unpack[ProjectSettings],
) -> Project:
    """Insert a project and its owner's membership, inside the caller's transaction; see `create_project`.

    The owner's row is locked: an account that ends at this instant leaves no project behind.
    """
    if not User.objects.select_for_update(no_key=True).filter(pk=owner.pk, is_active=True).exists():
        raise AuthenticationError("The account has ended.")
    for _ in range(ATTEMPTS):
        chosen = key or free_key(name, taken=_keys_of(owner))
        project = Project(
            owner=owner,
            name=name,
            key=chosen,
            description=description,
            is_inbox=is_inbox,
            members_count=1,
            **settings,
        )
        try:
            with transaction.atomic():
                project.save(force_insert=True)
        except IntegrityError as error:
            if not violates_key(error):
                raise
            if key:
                break
            continue
        Membership.objects.create(project=project, user=owner, role=Role.OWNER)
        project.role = Role.OWNER
        return project
    raise key_taken()


def key_taken() -> ConflictError:
    """Return the rejection of a key that the owner already uses."""
    return ConflictError("The owner already has a project with this key.", code="key_taken")


def violates_key(error: IntegrityError) -> bool:
    """Return whether the database rejected a key that the owner already uses."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None) == KEY_CONSTRAINT


def _keys_of(owner: User) -> set[str]:
    return set(Project.objects.kept().filter(owner=owner).values_list("key", flat=True))
