"""Celery entry points of the outbox."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings

from apps.common.background.nudge import nudge
from apps.common.monitoring.heartbeat import beat
from apps.notifications.delivery import outbox, sender


@shared_task(name="notifications.deliver")
def deliver() -> bool:
    """Send what is due; return whether there is more."""
    beat("notifications.deliver")
    more = sender.deliver().more
    if more:
        nudge("notifications.deliver")
    return more


@shared_task(name="notifications.purge")
def purge() -> None:
    """Delete closed rows past their retention."""
    beat("notifications.purge")
    outbox.purge(days=settings.LEDGER_RETENTION_DAYS)
