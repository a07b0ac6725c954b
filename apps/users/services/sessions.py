"""Sessions: opened by a login, moved on by each refresh, ended for a reason."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from apps.common.background.nudge import wake_streams
from apps.common.errors import AuthenticationError, NotFoundError
from apps.common.transactions import write
from apps.notifications.services import notify
from apps.users import announcements
from apps.users.credentials.tokens import Claims
from apps.users.messages import SessionRevoked
from apps.users.models import Session, User
from apps.users.services.locking import lock_user

DEVICE_LENGTH = Session._meta.get_field("device").max_length


@write
def open_session(*, user: User, ip_address: str, device: str, cookie_digest: bytes | None = None) -> Session:
    """Begin a session for a person whose password has just been checked.

    `cookie_digest` is that of the cookie of a login on the pages, see `page_sessions.py`. AuthenticationError when the
    password was changed or the account ended since that check.
    """
    locked = lock_user(user.pk)
    if not locked.is_active or locked.password != user.password:
        raise AuthenticationError("The username or the password is wrong.", code="invalid_credentials")
    now = timezone.now()
    locked.last_login = now
    locked.save(update_fields=["last_login"])
    session = Session.objects.create(
        user=locked,
        created_at=now,
        rotated_at=now,
        last_seen_at=now,
        expires_at=now + settings.SESSION_LIFETIME,
        ip_address=ip_address,
        device="".join(filter(str.isprintable, device))[:DEVICE_LENGTH],
        cookie_digest=cookie_digest,
    )
    announcements.session_opened.announce(locked)
    return session


def refresh_session(*, claims: Claims) -> Session:
    """Move the session of a refresh token on by one generation and return it.

    The generation just before gets the present one again within REFRESH_GRACE: two tabs, or an
    answer that was lost. Any older or later use means that two parties hold the token: the session
    ends, the person is notified, AuthenticationError `session_revoked`.
    """
    session = find_session(claims)
    if _rotate(session, generation=claims.generation):
        return session
    session = find_session(claims)  # as the winner left it
    if session.generation == claims.generation + 1 and timezone.now() - session.rotated_at <= settings.REFRESH_GRACE:
        return session
    _end_reused(session=session)
    raise AuthenticationError("This token was used before: the session has ended.", code="session_revoked")


def find_session(claims: Claims) -> Session:
    """Return the live session of a token with its user; AuthenticationError when it is over or unknown."""
    session = Session.objects.select_related("user").filter(pk=claims.session_id).first()
    if session is None or not claims.fits(session) or claims.generation > session.generation:
        raise AuthenticationError("The token is invalid or has expired.", code="token_not_valid")
    if not session.is_live(now=timezone.now()):
        raise AuthenticationError("The session has ended.", code="session_revoked")
    return session


@write
def _rotate(session: Session, *, generation: int) -> bool:
    """Move on from `generation` in one statement; return False when another request was first."""
    now = timezone.now()
    moved = {"generation": generation + 1, "rotated_at": now, "last_seen_at": now}
    won = Session.objects.filter(pk=session.pk, generation=generation, revoked_at=None).update(**moved)
    if won:
        session.generation, session.rotated_at = generation + 1, now
    return bool(won)


@write
def _end_reused(*, session: Session) -> None:
    if _end(Q(pk=session.pk), reason=Session.Reason.REUSE):
        notify(SessionRevoked, recipient_ids=[session.user_id], dedupe=f"session:{session.pk}")


@write
def log_out(*, session: Session) -> None:
    """End a session at its owner's wish."""
    _end(Q(pk=session.pk), reason=Session.Reason.LOGOUT)


@write
def revoke_session(*, actor: User, session: Session) -> None:
    """End one of the actor's sessions; staff may end anybody's. NotFoundError for somebody else's."""
    if session.user_id != actor.pk and not actor.is_staff:
        raise NotFoundError
    _end(Q(pk=session.pk), reason=Session.Reason.REVOKED)


@write
def revoke_other_sessions(*, actor: User, session: Session) -> int:
    """End all sessions of the actor but `session`; return how many."""
    return end_sessions(user=actor, reason=Session.Reason.REVOKED, kept=session)


def end_sessions(*, user: User, reason: Session.Reason, kept: Session | None = None) -> int:
    """End all of a person's sessions but `kept`, in the caller's transaction; return how many."""
    which = Q(user=user)
    if kept is not None:
        which &= ~Q(pk=kept.pk)
    return _end(which, reason=reason)


def _end(which: Q, *, reason: Session.Reason) -> int:
    wake_streams()  # those of the sessions end
    return Session.objects.filter(which, revoked_at=None).update(revoked_at=timezone.now(), revoked_reason=reason)
