"""What time has made worthless."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from apps.users import avatars
from apps.users.models import LoginFailure, Session, User

BATCH = 1_000
ORPHAN_AGE = timedelta(hours=48)  # a picture is written before its row


def purge(*, now: datetime) -> int:
    """Delete expired sessions, failures out of their window and pictures nobody shows; return how many."""
    deleted = _purge(Session.objects.filter(expires_at__lt=now))
    deleted += _purge(LoginFailure.objects.filter(started_at__lt=now - settings.LOGIN_FAILURE_WINDOW))
    return deleted + _purge_avatars(written_before=now - ORPHAN_AGE)


def _purge(rows: QuerySet[Any]) -> int:
    """Delete in batches, so that no lock is held long."""
    deleted = 0
    while batch := list(rows.values_list("pk", flat=True)[:BATCH]):
        deleted += rows.model._default_manager.filter(pk__in=batch).delete()[0]
    return deleted


def _purge_avatars(*, written_before: datetime) -> int:
    old = [name for name in avatars.stored() if avatars.written_at(name) < written_before]
    if not old:
        return 0
    shown = set(User.objects.exclude(avatar="").values_list("avatar", flat=True))
    orphans = [name for name in old if name not in shown]
    for name in orphans:
        avatars.remove(name)
    return len(orphans)
