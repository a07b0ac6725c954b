"""Who is in a project, and as what."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction

from apps.common.errors import ConflictError, NotFoundError
from apps.common.transactions import write
from apps.notifications.services import notify
from apps.projects import messages
from apps.projects.announcements import member_leaving, member_role_changed
from apps.projects.events import EventType
from apps.projects.models import Activity, Membership, Project
from apps.projects.roles import Capability, Role
from apps.projects.services.counting import adjust_counts
from apps.projects.services.events import Event, record_event
from apps.projects.services.locking import lock_project_as, require_active, require_no_inbox
from apps.users.models import User


@write
def add_member(*, actor: User, project_id: int, role: str, user_id: int | None = None, name: str = "") -> Membership:
    """Make a person a member, by id or by `name`: a username or an e-mail address, ignoring case.

    Raises NotFoundError `user_not_found` for nobody active of that name, ConflictError for an
    Inbox, an archived project, or `already_member`.
    """
    project = lock_project_as(actor, project_id, Capability.MANAGE_PROJECT)
    user = _find_user(user_id=user_id, name=name)
    require_no_inbox(project, "shared")
    require_active(project)
    try:
        with transaction.atomic():
            membership = Membership.objects.create(project=project, user=user, role=role)
    except IntegrityError as error:
        raise ConflictError("This person is already a member.", code="already_member") from error
    adjust_counts(project, members=1)
    entry = record_member(project, actor, user, EventType.MEMBER_ADDED, role=(None, role))
    notify_member(messages.ProjectMemberAdded, project, entry, user)
    return membership


def admit_member(project: Project, user: User, *, role: str, invited_by_id: int) -> Membership:
    """Make an invited person a member of the locked project, by their own act; nobody is notified (contract IN9).

    Who is a member by now keeps their role.
    """
    membership, is_new = Membership.objects.get_or_create(project=project, user=user, defaults={"role": role})
    if is_new:
        adjust_counts(project, members=1)
        record_member(project, user, user, EventType.MEMBER_ADDED, role=(None, role), invited_by=invited_by_id)
    return membership


@write
def change_role(*, actor: User, project_id: int, user_id: int, role: str) -> Membership:
    """Give a member another role below owner; the same role again changes nothing and notifies nobody.

    Raises NotFoundError for no member, ConflictError `owner_must_stay` or `project_archived`.
    """
    project = lock_project_as(actor, project_id, Capability.MANAGE_PROJECT)
    membership = _membership(project, user_id)
    require_active(project)
    _require_not_owner(membership)
    if membership.role != role:
        before, membership.role = membership.role, role
        membership.save(update_fields=["role"])
        member_role_changed.announce(project, membership.user, role)
        entry = record_member(project, actor, membership.user, EventType.MEMBER_ROLE_CHANGED, role=(before, role))
        notify_member(messages.ProjectRoleChanged, project, entry, membership.user)
    return membership


@write
def remove_member(*, actor: User, project_id: int, user_id: int, as_administrator: bool = False) -> None:
    """End a membership; everybody may end their own. Allowed in an archived project too.

    Raises NotFoundError for no member, ConflictError `owner_must_stay`.
    """
    needed = Capability.VIEW if actor.pk == user_id else Capability.MANAGE_PROJECT
    project = lock_project_as(actor, project_id, needed, as_administrator=as_administrator)
    membership = _membership(project, user_id)
    _require_not_owner(membership)
    entry = end_membership(project, membership, actor=actor)
    notify_member(messages.ProjectMemberRemoved, project, entry, membership.user)


def end_membership(project: Project, membership: Membership, *, actor: User) -> Activity:
    """Let go of what the leaving member holds, then delete the membership; the project is locked."""
    user = membership.user
    member_leaving.announce(project, user, actor)
    membership.delete()
    adjust_counts(project, members=-1)
    return record_member(project, actor, user, EventType.MEMBER_REMOVED, role=(membership.role, None))


def _find_user(*, user_id: int | None, name: str) -> User:
    """Return the active person, locked so that an ending account and a new membership do not cross."""
    people = User.objects.filter(pk=user_id) if user_id is not None else User.objects.named(name)
    user: User | None = people.active().select_for_update(no_key=True).first()
    if user is None:
        raise NotFoundError("There is no such user.", code="user_not_found")
    return user


def _membership(project: Project, user_id: int) -> Membership:
    membership = Membership.objects.select_related("user").filter(project=project, user_id=user_id).first()
    if membership is None:
        raise NotFoundError
    return membership


def _require_not_owner(membership: Membership) -> None:
    if membership.role == Role.OWNER:
        raise ConflictError("The owner stays the owner until the project is transferred.", code="owner_must_stay")


def record_member(
    project: Project,
    actor: User,
    user: User,
    event_type: EventType,
    *,
    role: tuple[str | None, str | None],
    invited_by: int | None = None,
) -> Activity:
    """Write who is affected and their old and new role, and who invited them; None stands for outside."""
    before, after = role
    changes: dict[str, Any] = {"member": (user.pk if before else None, user.pk if after else None), "role": role}
    if invited_by is not None:
        changes["invited_by"] = (None, invited_by)
    event = Event(type=event_type, object_id=user.pk, changes=changes)
    return record_event(project.pk, event, actor_id=actor.pk)


def notify_member(kind: type[messages.MembershipKind], project: Project, entry: Activity, user: User) -> None:
    """Notify the affected person of `entry`."""
    notify(
        kind,
        recipient_ids=[user.pk],
        dedupe=f"{kind.name}:{entry.pk}",
        actor_id=entry.actor_id,
        project_id=project.pk,
        data={"project": project.name, "changes": {"role": entry.changes["role"]}},
    )
