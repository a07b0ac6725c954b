"""What Celery does for people and sessions."""

from __future__ import annotations

from celery import shared_task

from apps.common.clock import database_now
from apps.users import services


@shared_task(name="users.purge")
def purge() -> None:
    """Remove what time has made worthless."""
    services.purge(now=database_now())
