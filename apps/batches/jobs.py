"""Celery entry points: one call each."""

from __future__ import annotations

from celery import shared_task

from apps.batches import services
from apps.common.dates.clock import database_now
from apps.common.monitoring.heartbeat import beat


@shared_task(name="batches.purge")
def purge() -> None:
    """Delete batches past BATCH_DAYS."""
    beat("batches.purge")
    services.purge_batches(now=database_now())
