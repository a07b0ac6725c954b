"""Celery entry points: one call each."""

from __future__ import annotations

from celery import shared_task

from apps.common.background.nudge import nudge
from apps.common.dates.clock import database_now
from apps.common.monitoring.heartbeat import beat
from apps.exports import services


@shared_task(name="exports.build")
def build() -> bool:
    """Build what waits; return whether there is more."""
    beat("exports.build")
    more = services.build_due()
    if more:
        nudge("exports.build")
    return more


@shared_task(name="exports.purge")
def purge() -> None:
    """Take the files of exports past their time."""
    beat("exports.purge")
    services.purge_exports(now=database_now())
