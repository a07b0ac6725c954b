"""Celery entry points: one call each."""

from __future__ import annotations

from celery import shared_task

from apps.common.background.nudge import nudge
from apps.common.dates.clock import database_now
from apps.common.monitoring.heartbeat import beat
from apps.reports import services


@shared_task(name="reports.build")
def build() -> bool:
    """Build what waits; return whether there is more."""
    beat("reports.build")
    more = services.build_due()
    if more:
        nudge("reports.build")
    return more


@shared_task(name="reports.purge")
def purge() -> None:
    """Delete reports past their retention."""
    beat("reports.purge")
    services.purge_reports(now=database_now())
