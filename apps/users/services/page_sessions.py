"""Sessions of the pages: the cookie holds a random value, the session's row its digest (contract PG1).

They stand in the same table as the API's, so that they are listed, revoked and purged with them. The cookie is no
token: the API never reads it.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from datetime import timedelta
from functools import cache

from django.db.models import BinaryField, DateTimeField
from django.utils import timezone

from apps.common.sql.statements import ModelStatement, Parameter
from apps.users.models import Session, User, idle_from
from apps.users.services.sessions import open_session

VALUE_BYTES = 32
VALUE = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)  # what `token_urlsafe` makes of them
SEEN_EVERY = timedelta(minutes=1)


def open_page_session(*, user: User, ip_address: str, device: str) -> tuple[Session, str]:
    """Begin a session for a person whose password has just been checked; return it and the cookie's value.

    The value is a new one each time and stored nowhere. Raises what `open_session` raises.
    """
    value = secrets.token_urlsafe(VALUE_BYTES)
    session = open_session(user=user, ip_address=ip_address, device=device, cookie_digest=_digest(value))
    return session, value


def find_page_session(value: str) -> Session | None:
    """Return the live session of a cookie's value with its user, and note its use once a minute; None for no session.

    It ends as a session of the API does: revoked, expired, left alone as long as a refresh token lives, or with its
    user's account or password.
    """
    if not VALUE.fullmatch(value):
        return None
    now = timezone.now()
    found = _live_session().all({"digest": _digest(value), "now": now, "idle_since": idle_from(now)})
    session = found[0] if found else None
    if session is not None and session.last_seen_at < now - SEEN_EVERY:
        Session.objects.filter(pk=session.pk).seen(at=now, rotated_at=now)
    return session


@cache
def _live_session() -> ModelStatement[Session]:
    now, since = (Parameter(name, DateTimeField()) for name in ("now", "idle_since"))
    live = Session.objects.live(now=now, idle_since=since)
    digest = Parameter("digest", BinaryField())
    return ModelStatement(live.filter(cookie_digest=digest, user__is_active=True).select_related("user"))


def _digest(value: str) -> bytes:
    return hashlib.sha256(value.encode()).digest()
