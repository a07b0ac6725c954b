"""Rows of the outbox, written as the services write them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

from django.utils import timezone

from apps.notifications import services
from apps.notifications.kinds import Content, Kind
from apps.notifications.models import Notification
from apps.notifications.tests.kinds_for_tests import Poked
from apps.notifications.user_text import unmarked

_numbers = count(1)


def notified(user: Any, kind: type[Kind] = Poked, *, project_id: int | None = None, **data: Any) -> Notification:
    """Notify `user` of something new and return the row."""
    dedupe = f"poke:{next(_numbers)}"
    services.notify(kind, recipient_ids=[user.pk], dedupe=dedupe, project_id=project_id, data=data)
    return Notification.objects.get(dedupe_key=f"{dedupe}:{user.pk}")


def make_due(**fields: Any) -> None:
    """Let every row be due at once, as if its wait were over."""
    Notification.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1), **fields)


def seconds_to_wait(row: Notification) -> float:
    """Return how long the row still waits."""
    row.refresh_from_db()
    return (row.next_attempt_at - timezone.now()).total_seconds()


def as_read(content: Content) -> Content:
    """Return the words without the marks around those of people."""
    lines = tuple(map(unmarked, content.lines))
    return replace(content, title=unmarked(content.title), heading=unmarked(content.heading), lines=lines)
