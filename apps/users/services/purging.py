"""Deletion of expired sessions, old login failures and orphaned avatars."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings

from apps.common.background import purging
from apps.users import announcements, avatars
from apps.users.models import LoginFailure, Session, User

ORPHAN_AGE = timedelta(hours=48)  # a picture is written before its row


def purge(*, now: datetime) -> int:
    """Delete expired sessions, failures out of their window and avatars of no user; return how many."""
    announcements.purging.announce(now)
    failures = LoginFailure.objects.filter(started_at__lt=now - settings.LOGIN_FAILURE_WINDOW)
    deleted = purging.purge(Session.objects.filter(expires_at__lt=now).order_by("expires_at"))
    deleted += purging.purge(failures.order_by("started_at"))
    return deleted + _purge_avatars(written_before=now - ORPHAN_AGE)


def _purge_avatars(*, written_before: datetime) -> int:
    old = [name for name in avatars.stored() if avatars.written_at(name) < written_before]
    if not old:
        return 0
    shown = set(User.objects.exclude(avatar="").values_list("avatar", flat=True))
    orphans = [name for name in old if name not in shown]
    for name in orphans:
        avatars.remove(name)
    return len(orphans)
