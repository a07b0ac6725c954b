"""Celery entry points of accounts and sessions."""

from __future__ import annotations

from celery import shared_task

from apps.common.dates.clock import database_now
from apps.common.monitoring.heartbeat import beat
from apps.users import services


@shared_task(name="users.purge")
def purge() -> None:
    """Delete expired sessions, old login failures and orphaned avatars."""
    beat("users.purge")
    services.purge(now=database_now())
