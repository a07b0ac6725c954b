"""Celery entry points: one call each."""

from __future__ import annotations

from celery import shared_task

from apps.common.dates.clock import database_now
from apps.common.monitoring.heartbeat import beat
from apps.tokens import services


@shared_task(name="users.token_expiry")
def token_expiry() -> None:
    """Warn of tokens that are about to end, and delete those that ended long ago."""
    beat("users.token_expiry")
    now = database_now()
    services.warn_before_expiry(now=now)
    services.purge(now=now)
