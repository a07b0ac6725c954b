"""The mail of an invitation: to an address, which may belong to nobody's account (contract IN10)."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import timedelta

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy, ngettext

from apps.common.secret_links import digest_of
from apps.invitations.models import Invitation, State
from apps.invitations.secrets import mail_secret
from apps.notifications.delivery.mail import sender_address
from apps.notifications.kinds import Content, Kind, register
from apps.notifications.models import Notification
from apps.notifications.user_text import user_text
from apps.projects.messages import ROLES
from apps.projects.models import Membership
from apps.projects.roles import Capability, allows

PATH = "/invitations/{token}/"


@register
class ProjectInvitation(Kind):
    """Brings the link that joins a project, and proves the address."""

    name = "invitation"
    label = gettext_lazy("Invitation to a project")
    mandatory = True

    @classmethod
    def load(cls, rows: Sequence[Notification]) -> Mapping[int, Invitation]:
        wanted = {row.data["invitation"] for row in rows}
        found = with_inviter(Invitation.objects.filter(pk__in=wanted)).in_bulk()
        return {row.pk: found[row.data["invitation"]] for row in rows if row.data["invitation"] in found}

    @classmethod
    def reason_to_withhold(cls, row: Notification, subject: Invitation) -> str:
        if over := over_state(subject):
            return f"The invitation is over: {over}."
        if str(subject.seed) != row.data["seed"] or bytes(subject.mail_digest) != digest_of(mail_secret(subject.seed)):
            return "The invitation has another secret by now."
        return ""

    @classmethod
    def content(cls, row: Notification, subject: Invitation) -> Content:
        inviter = user_text(subject.invited_by.shown_name)
        project = user_text(subject.project.name)
        days = math.ceil((subject.expires_at - timezone.now()) / timedelta(days=1))
        return Content(
            title=gettext("{inviter} invites you to {project}").format(inviter=inviter, project=project),
            lines=(
                gettext("{inviter} invites you to work on {project} as {role}.").format(
                    inviter=inviter, project=project, role=ROLES[subject.role]
                ),
                ngettext(
                    "The link works once, for {n} day, with an account of this address; you can open one there.",
                    "The link works once, for {n} days, with an account of this address; you can open one there.",
                    days,
                ).format(n=days),
                gettext("If you do not know {inviter}, do nothing. To report abuse, write to {sender_address}.").format(
                    inviter=inviter, sender_address=sender_address()
                ),
            ),
            why=gettext("You get this because somebody gave this address."),
            path=PATH.format(token=mail_secret(subject.seed)),
            action=gettext("Look at the invitation"),
        )


def with_inviter(rows: QuerySet[Invitation]) -> QuerySet[Invitation]:
    """Add the project, the inviter and the inviter's present role in it, `inviter_role`."""
    roles = Membership.objects.filter(project=OuterRef("project"), user=OuterRef("invited_by")).values("role")
    return rows.select_related("project", "invited_by").annotate(inviter_role=Subquery(roles))


def over_state(invitation: Invitation) -> str:
    """Return why an invitation, loaded by `with_inviter`, cannot be accepted any more: its state; empty while it can.

    One of a project in the trash, and one whose inviter may not invite any more, counts as revoked (IN7).
    """
    state = invitation.state_at(timezone.now())
    if state != State.PENDING:
        return str(state)
    role: str | None = invitation.inviter_role  # type: ignore[attr-defined]
    may_invite = allows(role, Capability.MANAGE_PROJECT) and invitation.invited_by.is_active
    return "" if may_invite and invitation.project.trash_id is None else State.REVOKED.value
