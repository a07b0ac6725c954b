"""Passwords: checked, changed, reset."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError as DjangoValidationError
from django.utils import timezone

from apps.common.api.rates import seconds_to_wait
from apps.common.errors import AuthenticationError, FieldError, ValidationError
from apps.common.monitoring.metrics import login_failures_total
from apps.common.transactions import write
from apps.notifications.services import notify
from apps.users import announcements
from apps.users.credentials.signed_links import PASSWORD_RESET
from apps.users.messages import PasswordChanged, PasswordReset
from apps.users.models import Session, User
from apps.users.passwords import forms_to_try, normal_password
from apps.users.services.attempts import account_of, clear_attempts, count_attempt
from apps.users.services.locking import lock_user
from apps.users.services.sessions import end_sessions

RESET_ANSWER_SECONDS = 0.1


def check_credentials(*, identifier: str, password: str, ip_address: str) -> User:
    """Return the active person with this username or address and password.

    Unknown, wrong and inactive are one rejection (AuthenticationError `invalid_credentials`) after
    the same work, one hash for each form of the password. RateLimitedError after too many failures,
    whatever the password is.
    """
    user: User | None = User.objects.named(identifier).first()
    account = account_of(user, identifier)
    count_attempt(account=account, ip_address=ip_address)
    if user is None:
        for text in forms_to_try(password):
            make_password(text)
    elif user.check_password(password) and user.is_active:
        clear_attempts(account=account, ip_address=ip_address)
        return user
    login_failures_total.inc()
    raise AuthenticationError("The username or the password is wrong.", code="invalid_credentials")


def require_password(*, user: User, password: str, ip_address: str, pointer: str) -> None:
    """Raise ValidationError at `pointer` unless it is the person's password; failures count as at the login."""
    account = account_of(user, user.username)
    count_attempt(account=account, ip_address=ip_address)
    if not user.check_password(password):
        raise ValidationError.at(pointer, "wrong_password", "The password is wrong.")
    clear_attempts(account=account, ip_address=ip_address)


def require_good_password(password: str, *, user: User, pointer: str) -> None:
    """Raise ValidationError with what AUTH_PASSWORD_VALIDATORS find wrong with a new password."""
    if found := password_faults(password, user=user, pointer=pointer):
        raise ValidationError(*found)


def password_faults(password: str, *, user: User, pointer: str) -> list[FieldError]:
    """Return what AUTH_PASSWORD_VALIDATORS find wrong with a new password."""
    try:
        validate_password(normal_password(password), user)
    except DjangoValidationError as error:
        return [FieldError(pointer, str(item.code), item.messages[0]) for item in error.error_list]
    return []


def change_password(
    *,
    actor: User,
    session: Session,
    old_password: str,
    new_password: str,
    ip_address: str,
    revoke_tokens: bool = False,
) -> None:
    """Set a new password; every session but `session` ends, and with `revoke_tokens` every API token.

    Raises ValidationError for a wrong old or a weak new password, RateLimited after too many failures.
    """
    faults = password_faults(new_password, user=actor, pointer="/new_password")
    try:
        require_password(user=actor, password=old_password, ip_address=ip_address, pointer="/old_password")
    except ValidationError as error:
        faults = [*error.errors, *faults]
    if faults:
        raise ValidationError(*faults)
    set_password(user=actor, password=new_password, kept_session=session, revoke_tokens=revoke_tokens)


@write
def set_password(
    *, user: User, password: str | None, kept_session: Session | None = None, revoke_tokens: bool = True
) -> None:
    """Store a new password (None: no password lets in), end the other sessions and API tokens, notify the person."""
    locked = lock_user(user.pk)
    _store_password(locked, password, kept_session=kept_session)
    if revoke_tokens:
        announcements.tokens_ending.announce(locked)


def request_password_reset(*, email: str) -> None:
    """Send the link if there is such an account. What the caller sees, and when, is the same without."""
    with _same_duration(RESET_ANSWER_SECONDS):
        user = User.objects.active().with_email(email).first()
        # The limit per account keeps many addresses from flooding one mailbox.
        if user is not None and seconds_to_wait("mail", f"reset:{user.pk}") <= 0:
            _send_reset(user)


@write
def _send_reset(user: User) -> None:
    state = PASSWORD_RESET.state(user)
    dedupe = f"reset:{state}:{int(timezone.now().timestamp())}"
    notify(PasswordReset, recipient_ids=[user.pk], dedupe=dedupe, data={"state": state})


def reset_password(*, token: str, new_password: str) -> None:
    """Set a new password by the link from the mail; all sessions end.

    Raises ValidationError for a link that is used, expired or forged, and for a weak password.
    """
    user_id, state = PASSWORD_RESET.read(token)
    user = PASSWORD_RESET.require_same(User.objects.filter(pk=user_id).first(), state)
    require_good_password(new_password, user=user, pointer="/new_password")
    _reset_password(user_id=user_id, state=state, password=new_password)


@write
def _reset_password(*, user_id: int, state: str, password: str) -> None:
    user = PASSWORD_RESET.require_same(lock_user(user_id), state)
    _store_password(user, password)
    announcements.tokens_ending.announce(user)
    clear_attempts(account=account_of(user, user.username))


def _store_password(user: User, password: str | None, *, kept_session: Session | None = None) -> None:
    user.set_password(password)
    user.updated_at = timezone.now()
    user.save(update_fields=["password", "updated_at"])
    end_sessions(user=user, reason=Session.Reason.PASSWORD, kept=kept_session)
    notify(PasswordChanged, recipient_ids=[user.pk], dedupe=f"password:{int(user.updated_at.timestamp() * 1000)}")


@contextmanager
def _same_duration(seconds: float) -> Iterator[None]:
    """Take at least so long, whatever is done inside: the time must not reveal who has an account."""
    ends = time.monotonic() + seconds
    try:
        yield
    finally:
        time.sleep(max(0.0, ends - time.monotonic()))
