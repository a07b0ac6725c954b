"""Accounts: opened, changed, switched off and on, ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.common.backups import is_backup_running
from apps.common.errors import ConflictError, FieldError, ForbiddenError, ValidationError
from apps.common.text.gone import new_name_of_deleted
from apps.common.transactions import write
from apps.notifications import preferences
from apps.notifications.services import forget
from apps.users import announcements, avatars
from apps.users.models import Session, Theme, User
from apps.users.services.addresses import ask_for_address, require_mail_allowance, send_verification
from apps.users.services.admission import admit
from apps.users.services.credentials import password_faults, require_password
from apps.users.services.locking import lock_user
from apps.users.services.sessions import end_sessions

# The constraints that say that a name is taken; PostgreSQL has the last word under parallel requests.
TAKEN = {
    "users_user_username_key": "username",
    "user_username_unique_in_normal_form": "username",
    "user_email_unique_in_normal_form": "email",
}
PLAIN_FIELDS = (
    "username",
    "nickname",
    "first_name",
    "last_name",
    "timezone",
    "reminder_lead_minutes",
    "single_keys",
    "theme",
    "language",
)


@write
def register(*, username: str, email: str, password: str, invitation: str = "", **names: str) -> User:
    """Open an account and send the mail that verifies its address; `names` are nickname, first_name, last_name.

    `invitation` is the secret of one: its project is joined in the same transaction, and the mail's secret verifies the
    address at once (contract IN5). Raises ValidationError for a name or address that is taken and for a weak password,
    and what `admit` raises.
    """
    admission = admit(invitation)
    if admission is not None:
        admission.require_address(email)
    user = User(username=username, email=email, **names)
    if admission is not None and admission.proves_address:
        user.email_verified_at = timezone.now()
    if faults := (*_taken_names(user), *password_faults(password, user=user, pointer="/password")):
        raise ValidationError(*faults)
    user.set_password(password)
    _save(lambda: user.save(force_insert=True))
    send_verification(user=user)
    announcements.account_opened.announce(user)
    if admission is not None:
        admission.complete(user)
    return user


def update_profile(
    *, actor: User, user: User, changes: Mapping[str, Any], picture: UploadedFile[bytes] | None = None
) -> User:
    """Change the fields given and return the person as stored.

    `changes` may hold PLAIN_FIELDS, `email` (verified before it counts), `notification_preferences`
    (merged), `is_active` (staff) and `avatar` None (removed); `picture` is a new avatar. Raises
    ForbiddenError, ValidationError, PayloadTooLarge; then nothing is left behind.
    """
    _require_may_edit(actor=actor, user=user)
    if changes.get("email", user.email) not in {user.email, user.pending_email}:
        require_mail_allowance(actor)
    name = avatars.store(picture) if picture is not None else None
    try:
        return _update(actor=actor, user_id=user.pk, changes=dict(changes) | ({"avatar": name} if name else {}))
    except BaseException:
        avatars.remove(name)
        raise


@write
def _update(*, actor: User, user_id: int, changes: dict[str, Any]) -> User:
    user = lock_user(user_id)
    before = {field: getattr(user, field) for field in (*PLAIN_FIELDS, "notification_preferences", "avatar")}
    for field in PLAIN_FIELDS:
        setattr(user, field, changes.get(field, before[field]))
    if "notification_preferences" in changes:
        patch = changes["notification_preferences"]
        user.notification_preferences = preferences.merge(user.notification_preferences, patch)
    if "avatar" in changes:
        _replace_avatar(user, changes["avatar"] or "")
    if changed := [field for field, value in before.items() if getattr(user, field) != value]:
        if "username" in changed and (taken := _taken_names(user)):
            raise ValidationError(*taken)
        store(user, *changed)
    if "email" in changes:
        ask_for_address(user=user, email=changes["email"])
    if "is_active" in changes:
        _set_active(actor=actor, user=user, is_active=changes["is_active"])
    return user


@write
def set_active(*, actor: User, user: User, is_active: bool) -> User:
    """Switch an account off, which ends its sessions at once, or on again."""
    _require_may_edit(actor=actor, user=user)
    locked = lock_user(user.pk)
    _set_active(actor=actor, user=locked, is_active=is_active)
    return locked


def close_account(*, actor: User, password: str, ip_address: str) -> None:
    """End the actor's own account, after asking for the password once more.

    Raises ValidationError for a wrong password, ConflictError when the account owns what others use.
    """
    require_password(user=actor, password=password, ip_address=ip_address, pointer="/password")
    anonymise(user=actor)


@write
def close_for(*, actor: User, user: User) -> None:
    """End somebody's account as they could themselves; ForbiddenError for whom the actor may not edit."""
    _require_may_edit(actor=actor, user=user)
    anonymise(user=user)


@write
def end_all_sessions(*, actor: User, user: User) -> int:
    """Log somebody out everywhere; ForbiddenError for whom the actor may not edit. Return how many ended."""
    _require_may_edit(actor=actor, user=user)
    return end_sessions(user=user, reason=Session.Reason.REVOKED)


@write
def anonymise(*, user: User) -> None:
    """Take everything personal out of an account and end it. The row stays: history refers to it."""
    locked = lock_user(user.pk)
    if locked.deleted_at is not None:  # another request was first
        return
    announcements.account_closing.announce(locked)  # first: it locks projects, and may reject
    end_sessions(user=locked, reason=Session.Reason.DELETED)
    Session.objects.filter(user=locked).update(device="", ip_address=None)
    forget(locked.pk)
    _replace_avatar(locked, "")
    name = new_name_of_deleted()
    now = timezone.now()
    ended: dict[str, Any] = {
        "username": name,
        "email": f"{name}@deleted.invalid",
        "pending_email": "",
        "email_verified_at": None,
        "nickname": "",
        "first_name": "",
        "last_name": "",
        "timezone": "UTC",
        "single_keys": True,
        "theme": Theme.SYSTEM,
        "language": "",
        "notification_preferences": {},
        "is_active": False,
        "is_staff": False,
        "is_superuser": False,
        "deleted_at": now,
    }
    for field, value in ended.items():
        setattr(locked, field, value)
    locked.set_unusable_password()
    locked.groups.clear()
    locked.user_permissions.clear()
    store(locked, *ended, "avatar", "password")


def store(user: User, *fields: str) -> None:
    """Save these fields of a locked row; ValidationError when a name or address is taken."""
    user.updated_at = timezone.now()
    _save(lambda: user.save(update_fields=[*fields, "updated_at"]))


def _save(save: Callable[[], None]) -> None:
    try:
        with transaction.atomic():
            save()
    except IntegrityError as error:
        constraint = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
        if constraint not in TAKEN:
            raise
        raise ValidationError(_taken(TAKEN[constraint])) from None


def _taken_names(user: User) -> list[FieldError]:
    others = User.objects.exclude(pk=user.pk)
    return [
        _taken(field)
        for field, same in (("username", others.with_username), ("email", others.with_email))
        if same(getattr(user, field)).exists()
    ]


def _taken(field: str) -> FieldError:
    what = {"username": "username", "email": "e-mail address"}[field]
    return FieldError(f"/{field}", "unique", f"This {what} is taken.")


def _require_may_edit(*, actor: User, user: User) -> None:
    """Staff edit anybody but their own kind: an address in foreign hands is an account in foreign hands."""
    if actor.pk == user.pk or actor.is_superuser:
        return
    if not actor.is_staff or user.is_staff or user.is_superuser:
        raise ForbiddenError


def _set_active(*, actor: User, user: User, is_active: bool) -> None:
    if user.is_active == is_active:
        return
    if not actor.is_staff:
        raise ForbiddenError
    if user.deleted_at is not None:
        raise ConflictError("The account was deleted.", code="account_deleted")
    user.is_active = is_active
    store(user, "is_active")
    if not is_active:
        end_sessions(user=user, reason=Session.Reason.DEACTIVATED)
        announcements.tokens_ending.announce(user)
        announcements.account_deactivated.announce(user)


def _replace_avatar(user: User, name: str) -> None:
    old, user.avatar = user.avatar, name
    if old and old != name:
        transaction.on_commit(lambda: _remove_picture(old), robust=True)


def _remove_picture(name: str) -> None:
    if not is_backup_running():  # else the purge of pictures that nobody shows finds it
        avatars.remove(name)
