"""Real tokens for tests."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from apps.users.credentials.tokens import AccessToken
from apps.users.models import Session, User


def session_for(user: User, **fields: object) -> Session:
    """Return a new live session of `user`, as a login makes it."""
    return Session.objects.create(user=user, **{"expires_at": timezone.now() + timedelta(days=90)} | fields)


def access_token_for(user: User) -> str:
    """Return an access token of a new session of `user`."""
    return AccessToken.of(session_for(user))
