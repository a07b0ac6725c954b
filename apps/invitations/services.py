"""The only door through which invitations are written."""

from __future__ import annotations

import math
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from apps.common.background import purging
from apps.common.errors import ConflictError, DomainError, NotFoundError, RateLimitedError, ValidationError
from apps.common.secret_links import digest_of, random_secret
from apps.common.text.mail_addresses import comparable_address
from apps.common.text.normal_form import IsSame, normal_form
from apps.common.transactions import write
from apps.invitations.messages import ProjectInvitation, over_state, with_inviter
from apps.invitations.models import Invitation, State
from apps.invitations.secrets import mail_secret, masked
from apps.notifications.services import delete_addressed, notify_address
from apps.projects.models import Membership, Project
from apps.projects.roles import Capability, allows
from apps.projects.services import admit_member, lock_project, lock_project_as, require_active, require_no_inbox
from apps.users.models import User
from apps.users.services import verify_by_other_means

RESENDS = 3  # of one invitation within RESEND_WINDOW
RESEND_WINDOW = timedelta(hours=24)
RETENTION = timedelta(days=90)  # from the creation on, of one that is over


@dataclass(frozen=True)
class Made:
    """An invitation and the secret of its link, which nobody can look up later."""

    invitation: Invitation
    link_secret: str


@write
def invite(*, actor: User, project_id: int, email: str, role: str) -> Made:
    """Invite an address to a project, whether it has an account or not (IN1).

    Raises NotFoundError, ForbiddenError below admin, ConflictError `inbox_is_personal`, `project_archived`,
    `already_member`, `already_invited` with `invitation`, `too_many_invitations` with `limit`.
    """
    project = lock_project_as(actor, project_id, Capability.MANAGE_PROJECT)
    require_no_inbox(project, "shared")
    require_active(project)
    now = timezone.now()
    Invitation.objects.filter(project=project, state=State.PENDING, expires_at__lte=now).update(state=State.EXPIRED)
    _require_free(project, email)
    if Invitation.objects.filter(project=project, state=State.PENDING).count() >= settings.INVITATIONS_MAX:
        limit = settings.INVITATIONS_MAX
        detail = f"A project has at most {limit} pending invitations."
        raise ConflictError(detail, code="too_many_invitations", extra={"limit": limit})
    link, seed = random_secret(), uuid.uuid4()
    invitation = Invitation.objects.create(
        project=project,
        email=email,
        role=role,
        seed=seed,
        mail_digest=digest_of(mail_secret(seed)),
        link_digest=digest_of(link),
        invited_by=actor,
        created_at=now,
        expires_at=now + timedelta(days=settings.INVITATION_DAYS),
    )
    _send(invitation)
    return Made(invitation, link)


@write
def change_invitation(
    *,
    actor: User,
    invitation: Invitation,
    email: str | None = None,
    role: str | None = None,
    as_administrator: bool = False,
) -> Invitation:
    """Set the role, which keeps the secrets, or the address, which makes new ones and another mail (IN6).

    `as_administrator` is for the admin site alone. Raises what `invite` raises, and DomainError `invitation_over`.
    """
    row = _lock_as(actor, invitation, as_administrator=as_administrator)
    require_active(row.project)
    if role is not None:
        row.role = role
    if email is not None and not _same_address(email, row.email):
        _require_free(row.project, email)
        row.former_digests = [*map(bytes, row.former_digests), bytes(row.mail_digest), bytes(row.link_digest)]
        row.email, row.seed = email, uuid.uuid4()
        row.mail_digest, row.link_digest = digest_of(mail_secret(row.seed)), digest_of(random_secret())
        _send(row)
    row.save()
    return row


@write
def revoke_invitation(*, actor: User, invitation: Invitation) -> None:
    """End an invitation; raises NotFoundError, ForbiddenError, DomainError `invitation_over`."""
    row = _lock_as(actor, invitation)
    _end(row, State.REVOKED)


@write
def resend_invitation(*, actor: User, invitation: Invitation) -> Invitation:
    """Send the mail again, RESENDS times in RESEND_WINDOW; raises RateLimitedError, DomainError `invitation_over`."""
    row = _lock_as(actor, invitation)
    now = timezone.now()
    recent = [instant for instant in row.resent_at if instant > now - RESEND_WINDOW]
    if len(recent) >= RESENDS:
        wait = min(recent) + RESEND_WINDOW - now
        raise RateLimitedError(retry_after=math.ceil(wait.total_seconds()))
    row.resent_at = [*recent, now]
    if bytes(row.mail_digest) != digest_of(mail_secret(row.seed)):  # the installation has another key by now
        row.former_digests = [*map(bytes, row.former_digests), bytes(row.mail_digest)]
        row.mail_digest = digest_of(mail_secret(row.seed))
    _send(row)
    row.save()
    return row


@write
def renew_link(*, actor: User, invitation: Invitation) -> Made:
    """Make another link, which ends the one before; the mail's stays. Raises DomainError `invitation_over`."""
    row = _lock_as(actor, invitation)
    link = random_secret()
    row.former_digests = [*map(bytes, row.former_digests), bytes(row.link_digest)]
    row.link_digest = digest_of(link)
    row.save(update_fields=["former_digests", "link_digest"])
    return Made(row, link)


def find_invitation(token: str) -> Invitation:
    """Return the pending invitation of a secret, with its project and inviter; one statement for every token (IN9).

    Raises NotFoundError for a secret that never was, DomainError `invitation_over` with `state`.
    """
    digest = digest_of(token)
    invitation = with_inviter(Invitation.objects.with_secret(digest)).first()
    if invitation is None:
        raise NotFoundError
    if over := _over(invitation, digest):
        raise over
    return invitation


@write
def accept_invitation(*, actor: User, token: str) -> Membership:
    """Join the project of a secret (IN4, IN7); who accepted before and is still a member gets the same answer again.

    Raises NotFoundError, DomainError `invitation_over`, ConflictError `other_address` with the masked `email`, or
    `project_archived`.
    """
    digest = digest_of(token)
    invitation = _lock_secret(digest)
    membership = Membership.objects.select_related("project").filter(project=invitation.project, user=actor).first()
    if invitation.state == State.ACCEPTED and invitation.accepted_by_id == actor.pk and membership is not None:
        return membership
    if over := _over(invitation, digest):
        raise over
    if not _same_address(actor.email, invitation.email):
        detail = "The invitation is for another address than your account's."
        raise ConflictError(detail, code="other_address", extra={"email": masked(invitation.email)})
    return _join(invitation, actor, is_verified=digest == bytes(invitation.mail_digest))


@write
def decline_invitation(*, token: str) -> None:
    """End the invitation of a secret; raises NotFoundError, DomainError `invitation_over`."""
    digest = digest_of(token)
    invitation = _lock_secret(digest)
    if over := _over(invitation, digest):
        raise over
    _end(invitation, State.DECLINED)


class Admission:
    """A locked invitation by which somebody registers (IN5)."""

    def __init__(self, invitation: Invitation, *, proves_address: bool) -> None:
        self.invitation, self.proves_address = invitation, proves_address

    def require_address(self, email: str) -> None:
        """Raise ValidationError `other_address` at /email for another address than the invited one."""
        if not _same_address(email, self.invitation.email):
            raise ValidationError.at("/email", "other_address", "The invitation is for another address.")

    def complete(self, user: User) -> None:
        """Make the new account a member."""
        _join(self.invitation, user, is_verified=self.proves_address)


def admission_by(token: str) -> Admission | None:
    """Return the locked invitation of a secret, None for a secret that never was.

    Raises DomainError `invitation_over` and ConflictError `project_archived`.
    """
    digest = digest_of(token)
    try:
        invitation = _lock_secret(digest)
    except NotFoundError:
        return None
    if over := _over(invitation, digest):
        raise over
    require_active(invitation.project)
    return Admission(invitation, proves_address=digest == bytes(invitation.mail_digest))


def revoke_of_leaving(project: Project, user: User, actor: User) -> None:
    """Revoke what somebody who leaves the locked project has offered."""
    _revoke(project_id=project.pk, invited_by=user)


def revoke_of_demoted(project: Project, user: User, role: str) -> None:
    """Revoke what somebody has offered whose new role in the locked project may not invite."""
    if not allows(role, Capability.MANAGE_PROJECT):
        _revoke(project_id=project.pk, invited_by=user)


def revoke_of_account(user: User) -> None:
    """Revoke what an account has offered."""
    _revoke(invited_by=user)


def forget_account(user: User) -> None:
    """Revoke what an account that is deleted has offered, and delete what was sent to its address and accepted."""
    revoke_of_account(user)
    accepted = Invitation.objects.filter(accepted_by=user)
    delete_addressed(pk for mail_ids in accepted.values_list("mail_ids", flat=True) for pk in mail_ids)
    accepted.delete()


def purge(now: datetime) -> int:
    """Delete invitations that are over and older than RETENTION; return how many."""
    old = Invitation.objects.filter(created_at__lt=now - RETENTION, expires_at__lt=now)
    return purging.purge(old.order_by("created_at"))


def _revoke(**conditions: object) -> None:
    Invitation.objects.filter(state=State.PENDING, **conditions).update(state=State.REVOKED)


def _end(invitation: Invitation, state: State) -> None:
    invitation.state = state
    invitation.save(update_fields=["state"])


def _send(invitation: Invitation) -> None:
    """Enter a row of the outbox, in the transaction of the change."""
    mail_id = notify_address(
        ProjectInvitation,
        address=invitation.email,
        dedupe=f"invitation:{invitation.pk}:{uuid.uuid4().hex}",
        actor_id=invitation.invited_by_id,
        project_id=invitation.project_id,
        data={"invitation": invitation.pk, "seed": str(invitation.seed)},
    )
    invitation.mail_ids = [*invitation.mail_ids, mail_id]
    invitation.save(update_fields=["mail_ids"])


def _join(invitation: Invitation, user: User, *, is_verified: bool) -> Membership:
    require_active(invitation.project)
    membership = admit_member(invitation.project, user, role=invitation.role, invited_by_id=invitation.invited_by_id)
    if is_verified:
        verify_by_other_means(user=user)
    invitation.state, invitation.accepted_by = State.ACCEPTED, user
    invitation.save(update_fields=["state", "accepted_by"])
    return membership


def _lock_as(actor: User, invitation: Invitation, *, as_administrator: bool = False) -> Invitation:
    """Return the pending row with its locked project; rights are asked again under the lock."""
    needed = Capability.MANAGE_PROJECT
    project = lock_project_as(actor, invitation.project_id, needed, as_administrator=as_administrator)
    row = with_inviter(Invitation.objects.filter(pk=invitation.pk, project=project)).first()
    if row is None:
        raise NotFoundError
    if over := _over(row, bytes(row.mail_digest)):
        raise over
    row.project = project
    return row


def _lock_secret(digest: bytes) -> Invitation:
    """Return the row of a secret with its locked project; NotFoundError for one that never was."""
    found = Invitation.objects.with_secret(digest).values_list("pk", "project_id").first()
    if found is None:
        raise NotFoundError
    project = lock_project(found[1])
    row = with_inviter(Invitation.objects.filter(pk=found[0])).first()
    if row is None:
        raise NotFoundError
    row.project = project
    return row


def _over(invitation: Invitation, digest: bytes) -> DomainError | None:
    """Return the answer to a secret of an invitation that cannot be accepted any more, or that it has no more."""
    is_current = digest in (bytes(invitation.mail_digest), bytes(invitation.link_digest))
    state = over_state(invitation) or ("" if is_current else State.REVOKED.value)
    return InvitationOverError(state) if state else None


class InvitationOverError(DomainError):
    """410: the invitation was accepted, declined or revoked, or it has expired; `state` says which."""

    status = 410
    code = "invitation_over"

    def __init__(self, state: str) -> None:
        super().__init__("The invitation is no longer valid.", extra={"state": state})


def _require_free(project: Project, email: str) -> None:
    """Raise ConflictError for the address of a member, and for one with a pending invitation."""
    same = IsSame("user__email", comparable_address(email))
    if Membership.objects.filter(same, project=project).exists():
        raise ConflictError("This person is already a member.", code="already_member")
    pending = Invitation.objects.filter(project=project, state=State.PENDING, expires_at__gt=timezone.now())
    found = pending.filter(IsSame("email", comparable_address(email))).first()
    if found is not None:
        raise ConflictError("The address is invited already.", code="already_invited", extra={"invitation": found.pk})


def _same_address(one: str, other: str) -> bool:
    return normal_form(comparable_address(one)) == normal_form(comparable_address(other))


@write
def revoke_as_administrator(rows: QuerySet[Invitation]) -> int:
    """Revoke the pending ones among `rows` by the admin site's right, under their projects' locks; return how many."""
    chosen = list(rows.filter(state=State.PENDING).order_by("project_id").values_list("pk", "project_id"))
    for project_id in dict.fromkeys(project_id for _, project_id in chosen):
        lock_project(project_id)
    pending = Invitation.objects.filter(pk__in=[pk for pk, _ in chosen], state=State.PENDING)
    return pending.update(state=State.REVOKED)
