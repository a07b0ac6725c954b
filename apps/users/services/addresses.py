"""E-mail addresses: a new one counts when its owner has opened the link sent to it."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.common.api.rates import require_rate
from apps.common.errors import ConflictError, ValidationError
from apps.common.transactions import write
from apps.notifications.services import notify
from apps.users.credentials.signed_links import VERIFICATION
from apps.users.messages import EmailChange, Verification
from apps.users.models import User
from apps.users.services.locking import lock_user


@write
def send_verification(*, user: User) -> None:
    """Send the link to the address that waits to be verified; nothing when none waits."""
    if user.is_verified and not user.pending_email:
        return
    state = VERIFICATION.state(user)
    dedupe = f"verify:{state}:{int(timezone.now().timestamp())}"
    notify(Verification, recipient_ids=[user.pk], dedupe=dedupe, data={"state": state})


def require_mail_allowance(actor: User) -> None:
    """Count a mail that the actor causes to go to an address of their choice; RateLimited over the limit."""
    require_rate("mail", f"user:{actor.pk}")


def ask_for_address(*, user: User, email: str) -> None:
    """Note the address that the person wants on their locked row; the old one is notified and counts until then.

    Giving the present address takes a wish back. ValidationError when somebody else has the address.
    """
    wanted = "" if email == user.email else email
    if wanted == user.pending_email:
        return
    if wanted and User.objects.exclude(pk=user.pk).with_email(wanted).exists():
        raise ValidationError.at("/email", "unique", "This e-mail address is taken.")
    user.pending_email = wanted
    user.updated_at = timezone.now()
    user.save(update_fields=["pending_email", "updated_at"])
    if wanted:
        send_verification(user=user)
        _tell_old_address(user, user.email, done=False)


def verify_by_other_means(*, user: User) -> None:
    """Take the present address of an account as verified: its owner has used a secret that only a mail to it had."""
    now = timezone.now()
    User.objects.filter(pk=user.pk, email=user.email, email_verified_at=None).update(
        email_verified_at=now, updated_at=now
    )


@write
def verify_address(*, token: str) -> None:
    """Take the address of a link as verified; a new one replaces the old.

    Raises ValidationError for a link that is used, expired or forged, ConflictError `email_taken`
    when somebody else has verified the address meanwhile.
    """
    user_id, state = VERIFICATION.read(token)
    user = VERIFICATION.require_same(User.objects.filter(pk=user_id).first() and lock_user(user_id), state)
    old, new = user.email, user.pending_email
    user.email, user.pending_email = new or old, ""
    user.email_verified_at = user.updated_at = timezone.now()
    try:
        with transaction.atomic():
            user.save(update_fields=["email", "pending_email", "email_verified_at", "updated_at"])
    except IntegrityError:
        raise ConflictError("Somebody else has this address.", code="email_taken") from None
    if new:
        _tell_old_address(user, old, done=True)


def _tell_old_address(user: User, address: str, *, done: bool) -> None:
    dedupe = f"address:{int(user.updated_at.timestamp() * 1000)}:{int(done)}"
    notify(EmailChange, recipient_ids=[user.pk], dedupe=dedupe, data={"to": address, "done": done})
