"""Celery entry points: one call each."""

from __future__ import annotations

from celery import shared_task

from apps.common.background.nudge import nudge
from apps.common.dates.clock import database_now
from apps.common.monitoring.heartbeat import beat
from apps.imports import services
from apps.imports.writing import running


@shared_task(name="imports.run")
def run() -> bool:
    """Work on the imports that wait; return whether there is more."""
    beat("imports.run")
    more = running.run_due()
    if more:
        nudge("imports.run")
    return more


@shared_task(name="imports.purge")
def purge() -> None:
    """Delete imports past BATCH_DAYS, with their files."""
    beat("imports.purge")
    services.purge_imports(now=database_now())
