"""Authenticate requests by bearer token: the token's user and session are found in one query."""

from __future__ import annotations

from datetime import timedelta
from functools import cache

from django.utils import timezone
from rest_framework import HTTP_HEADER_ENCODING
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request
from rest_framework_simplejwt.authentication import JWTAuthentication

from apps.common.errors import AuthenticationError
from apps.common.sql.statements import Parameter, Statement, instance
from apps.users.credentials.tokens import INVALID, AccessToken
from apps.users.models import Session, User

REALM = 'Bearer realm="api"'
SEEN_EVERY = timedelta(minutes=1)


class SessionTokenAuthentication(JWTAuthentication):
    """Finds user and session of an access token in one query; `request.auth` is the Session.

    Logout, revocation, password change, deactivation and deletion show in that query, so they
    count from the next request on.
    """

    def __init__(self) -> None:
        """Do nothing: the library's own looks for the model of people, at every request."""

    def authenticate(self, request: Request) -> tuple[User, Session] | None:  # type: ignore[override]
        raw = bearer_of(request)
        if raw is None:
            return None
        session = _live_session(raw)
        return session.user, session

    def authenticate_header(self, request: Request) -> str:
        return REALM


class PublicAuthentication(BaseAuthentication):
    """Anonymous: the Authorization header is ignored. A failed login is still a 401, not a 403."""

    is_public = True

    def authenticate(self, request: Request) -> None:
        return None

    def authenticate_header(self, request: Request) -> str:
        return REALM


def bearer_of(request: Request) -> bytes | None:
    """Return what follows `Bearer`, in any case (RFC 9110 §11.1), in the Authorization header; None without that."""
    # Not `request.META`: what the framework's request does not have itself it looks for in detours
    header: str | bytes = request._request.META.get("HTTP_AUTHORIZATION", b"")
    scheme, _, token = (header.encode(HTTP_HEADER_ENCODING) if isinstance(header, str) else header).partition(b" ")
    return token.strip() if scheme.lower() == b"bearer" else None


def _live_session(raw: bytes) -> Session:
    """Return the token's session with its user, or raise AuthenticationFailed."""
    try:
        claims = AccessToken.read(raw)
    except AuthenticationError as error:
        raise AuthenticationFailed(error.detail, code=error.code) from None
    session = _session_with_user(claims.session_id)
    if session is None or not claims.fits(session):
        raise AuthenticationFailed(INVALID, code="token_not_valid")
    now = timezone.now()
    if not session.is_live(now=now):
        raise AuthenticationFailed("The session has ended.", code="session_revoked")
    if session.last_seen_at < now - SEEN_EVERY:
        Session.objects.filter(pk=session.pk).seen(at=now)
    return session


# Deferred: no request needs them to know the caller.
LEFT_OUT = {"password", "notification_preferences"}
SESSION_COLUMNS = [field.attname for field in Session._meta.concrete_fields]
USER_COLUMNS = [field.attname for field in User._meta.concrete_fields if field.attname not in LEFT_OUT]


@cache
def _session_statement() -> Statement:
    columns = [*SESSION_COLUMNS, *(f"user__{name}" for name in USER_COLUMNS)]
    return Statement(Session.objects.filter(pk=Parameter("session")).values_list(*columns))


def _session_with_user(session_id: int) -> Session | None:
    """Return the session with its user, from one prepared statement."""
    rows = _session_statement().run({"session": session_id})
    if not rows:
        return None
    user = instance(User, USER_COLUMNS, rows[0][len(SESSION_COLUMNS) :])
    return instance(Session, SESSION_COLUMNS, rows[0][: len(SESSION_COLUMNS)], user=user)
