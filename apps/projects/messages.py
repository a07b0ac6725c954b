"""What people are notified about their place in a project."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext_lazy, pgettext_lazy

from apps.common.language.texts import gettext
from apps.common.origin import listed_projects
from apps.notifications.kinds import Change, Content, Kind, actor_of, register
from apps.notifications.models import Notification
from apps.notifications.user_text import user_text
from apps.projects.models import Membership
from apps.projects.reach import within_reach
from apps.projects.roles import Role
from apps.users.models import User

# Roles inside a sentence
ROLES = {
    Role.VIEWER.value: pgettext_lazy("role", "viewer"),
    Role.COMMENTER.value: pgettext_lazy("role", "commenter"),
    Role.MEMBER.value: pgettext_lazy("role", "member"),
    Role.ADMIN.value: pgettext_lazy("role", "admin"),
    Role.OWNER.value: pgettext_lazy("role", "owner"),
}
MEANINGS = {
    Role.VIEWER.value: gettext_lazy("You can read everything in it."),
    Role.MEMBER.value: gettext_lazy("You can also create, edit and assign tasks."),
    Role.ADMIN.value: gettext_lazy("You can also edit the project and manage its members."),
    Role.OWNER.value: gettext_lazy("It is yours: you can also transfer it or delete it."),
}


@dataclass(frozen=True)
class ProjectForReader:
    """Where the recipient stands now; `role` is None outside the project."""

    role: str | None


class MembershipKind(Kind):
    """A change of the recipient's own membership.

    `data` holds the project's name and the roles of then: who was removed learns of no later name.
    """

    @classmethod
    def load(cls, rows: Sequence[Notification]) -> Mapping[int, ProjectForReader]:
        """Return each row's place, in one query for all rows."""
        memberships = Membership.objects.filter(
            project__in={row.project_id for row in rows}, user__in={row.reader_id for row in rows}
        )
        roles = {(found.project_id, found.user_id): found.role for found in memberships}
        return {row.pk: ProjectForReader(roles.get((row.project_id or 0, row.reader_id))) for row in rows}

    @classmethod
    def reason_to_withhold(cls, row: Notification, subject: ProjectForReader) -> str:
        """Reject what has changed again since."""
        return "" if subject.role == _role(row, "to") else "the membership has changed since"


@register
class ProjectMemberAdded(MembershipKind):
    """Somebody was made a member."""

    name = "project_member_added"
    label = gettext_lazy("I am added to a project")

    @classmethod
    def content(cls, row: Notification, subject: ProjectForReader) -> Content:
        project, role = _project(row), _role(row, "to")
        return Content(
            title=gettext("You were added to {project}").format(project=project),
            lines=(
                gettext("{actor} added you to the project “{project}” as {role}.").format(
                    actor=actor_of(row), project=project, role=_word(role)
                ),
                str(MEANINGS.get(role or "", "")),
            ),
            why=gettext("You get this because you were added to a project."),
            thread=f"project-{row.project_id}",
        )


@register
class ProjectMemberRemoved(MembershipKind):
    """Somebody was removed by another person."""

    name = "project_member_removed"
    label = gettext_lazy("I am removed from a project")

    @classmethod
    def content(cls, row: Notification, subject: ProjectForReader) -> Content:
        project = _project(row)
        return Content(
            title=gettext("You were removed from {project}").format(project=project),
            lines=(
                gettext("{actor} removed you from the project “{project}”.").format(
                    actor=actor_of(row), project=project
                ),
                gettext("You no longer see its tasks, and none of them is assigned to you."),
            ),
            why=gettext("You get this because you were a member of the project."),
            thread=f"project-{row.project_id}",
        )


@register
class ProjectRoleChanged(MembershipKind):
    """Somebody has another role, ownership included."""

    name = "project_role_changed"
    label = gettext_lazy("My role in a project changes")

    @classmethod
    def content(cls, row: Notification, subject: ProjectForReader) -> Content:
        project, old, new = _project(row), _role(row, "from") or "", _role(row, "to") or ""
        return Content(
            title=gettext("You are now {new} of {project}").format(new=_word(new), project=project),
            lines=(
                gettext("{actor} changed your role in the project “{project}”.").format(
                    actor=actor_of(row), project=project
                ),
                str(MEANINGS.get(new, "")),
            ),
            changes=(Change(gettext("Role"), _word(old), _word(new)),),
            why=gettext("You get this because you are a member of the project."),
            thread=f"project-{row.project_id}",
        )


def of_members(rows: Sequence[Notification]) -> list[Notification]:
    """Return the rows about no project, or about one that their recipient is a member of, in one query for all."""
    memberships = Membership.objects.filter(
        project__in={row.project_id for row in rows}, user__in={row.recipient_id for row in rows}
    )
    members = set(memberships.values_list("project_id", "user_id"))
    return [row for row in rows if row.project_id is None or (row.project_id, row.recipient_id) in members]


def still_readable(user: User) -> Q:
    """Return which rows of the outbox `user` may read: those of their projects, and of their removal.

    What is about no single project may name several: a token that is limited to projects does not read it.
    """
    mine = Membership.objects.of(user).values("project_id")
    in_reach = Q(project_id__in=mine) | Q(kind=ProjectMemberRemoved.name) & within_reach(user, "project_id")
    return in_reach if listed_projects(user) is not None else in_reach | Q(project_id=None)


def _project(row: Notification) -> str:
    return user_text(str(row.data.get("project", "")))


def _role(row: Notification, side: str) -> str | None:
    role: str | None = row.data["changes"]["role"][side]
    return role


def _word(role: str | None) -> str:
    """Return a role as it stands in a sentence; one of a former version as it is."""
    return str(ROLES.get(role or "", role or ""))
