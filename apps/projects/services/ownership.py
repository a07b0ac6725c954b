"""The owner: exactly one at every instant, also while ownership moves or an account ends."""

from __future__ import annotations

from apps.common.concurrency import Expected, require_version
from apps.common.errors import ConflictError, ValidationError
from apps.common.transactions import write
from apps.projects import messages
from apps.projects.events import EventType
from apps.projects.models import Membership, Project
from apps.projects.roles import Capability, Role
from apps.projects.services.changes import save_version
from apps.projects.services.deletion import erase
from apps.projects.services.events import Event, record_event
from apps.projects.services.locking import lock_project_as, require_no_inbox
from apps.projects.services.members import end_membership, notify_member
from apps.users.models import User


@write
def transfer_project(*, actor: User, project_id: int, user_id: int, expected: Expected = None) -> Project:
    """Make another active member the owner; the old owner becomes an admin.

    Raises PreconditionFailed, ValidationError for who is no active member, ConflictError for an
    Inbox or `key_taken` when the new owner has a project with the same key. To the owner themselves
    changes nothing.
    """
    project = lock_project_as(actor, project_id, Capability.OWN_PROJECT)
    require_version(project, expected)
    require_no_inbox(project, "transferred")
    successor = Membership.objects.select_related("user").filter(project=project, user_id=user_id).first()
    if successor is None or not successor.user.is_active:
        raise ValidationError.at("/user_id", "does_not_exist", "Name an active member of the project.")
    if successor.role == Role.OWNER:
        return project
    before = successor.role
    _move_ownership(project, successor)
    project.role = Role.ADMIN
    event = Event(
        type=EventType.PROJECT_TRANSFERRED,
        object_id=project.pk,
        version=project.version,
        changes={"owner": (actor.pk, successor.user_id), "role": (before, Role.OWNER)},
    )
    entry = record_event(project.pk, event, actor_id=actor.pk)
    notify_member(messages.ProjectRoleChanged, project, entry, successor.user)
    return project


def _move_ownership(project: Project, successor: Membership) -> None:
    """Move owner and roles; the foreign key between them is checked at the commit."""
    project.owner = successor.user
    save_version(project, "owner")  # first, since it may find the key in use
    Membership.objects.filter(project=project, role=Role.OWNER).update(role=Role.ADMIN)
    successor.role = Role.OWNER
    successor.save(update_fields=["role"])


@write
def release_account(user: User) -> None:
    """Let go of all projects of an account that ends.

    Its unshared projects, its Inbox and all its projects in the trash are erased (TR13); it leaves those of others.
    Raises ConflictError `owns_projects` while it owns a project outside the trash with other members.
    """
    projects = list(
        Project.objects.select_for_update(no_key=True, of=("self",)).filter(memberships__user=user).order_by("pk")
    )
    owned = [project for project in projects if project.owner_id == user.pk]
    kept = [project for project in owned if project.trash_id is None]
    if Membership.objects.filter(project__in=kept).exclude(user=user).exists():
        raise ConflictError(
            "The account owns projects with other members: transfer or delete them first.", code="owns_projects"
        )
    for project in projects:
        if project.owner_id == user.pk:
            erase(project)
        else:
            membership = Membership.objects.select_related("user").get(project=project, user=user)
            end_membership(project, membership, actor=user)
