"""Celery entry points: one call each."""

from __future__ import annotations

from celery import shared_task

from apps.common.dates.clock import database_now
from apps.common.monitoring.heartbeat import beat
from apps.projects import services


@shared_task(name="projects.purge_activity")
def purge_activity() -> None:
    """Delete history older than its retention."""
    beat("projects.purge_activity")
    services.purge_activity(now=database_now())
