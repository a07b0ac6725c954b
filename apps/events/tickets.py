"""Tickets of the stream: given out, used once, purged (contract SR4)."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef
from django.utils import timezone

from apps.common.background import purging
from apps.common.errors import AuthenticationError
from apps.events.models import StreamTicket
from apps.tokens.models import ApiToken
from apps.users.models import Session, User

LIFETIME = timedelta(seconds=30)


def issue_ticket(*, user: User, credential: Session | ApiToken) -> tuple[str, datetime]:
    """Return a ticket of the caller's session or API token, and when it ends; only its digest is stored."""
    value, expires_at = secrets.token_urlsafe(32), timezone.now() + LIFETIME
    of = {"token": credential} if isinstance(credential, ApiToken) else {"session": credential}
    StreamTicket.objects.create(digest=_digest(value), user=user, expires_at=expires_at, **of)
    return value, expires_at


def use_ticket(value: str) -> StreamTicket:
    """Use a ticket up and return it.

    AuthenticationError for one that is used, expired or not ours, and for one whose session or token has ended since.
    """
    now = timezone.now()
    found = StreamTicket.objects.filter(digest=_digest(value), used_at=None, expires_at__gt=now)
    if not found.update(used_at=now):  # of two that come at once, one finds it unused
        raise AuthenticationError("The ticket is used up, expired or not ours.", code="token_not_valid")
    of_session = Exists(Session.objects.live(now=now).filter(pk=OuterRef("session")))
    of_token = Exists(ApiToken.objects.live(now=now).filter(pk=OuterRef("token")))
    alive = StreamTicket.objects.filter(of_session | of_token, user__is_active=True)
    ticket = alive.select_related("user", "session__user", "token").filter(digest=_digest(value)).first()
    if ticket is None:
        raise AuthenticationError("What the ticket was given for has ended.", code="token_not_valid")
    return ticket


def purge_tickets(*, now: datetime) -> int:
    """Delete the tickets that are over; return how many."""
    return purging.purge(StreamTicket.objects.filter(expires_at__lt=now - LIFETIME).order_by("expires_at"))


def _digest(value: str) -> bytes:
    return hashlib.sha256(value.encode(errors="surrogatepass")).digest()
