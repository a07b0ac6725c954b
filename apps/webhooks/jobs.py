"""Celery entry points: one call each."""

from __future__ import annotations

from celery import shared_task

from apps.common.background.nudge import nudge
from apps.common.dates.clock import database_now
from apps.common.monitoring.heartbeat import beat
from apps.webhooks.delivering import deliver as deliver_due
from apps.webhooks.fan_out import fan_out as fan_out_events
from apps.webhooks.purging import purge_deliveries


@shared_task(name="webhooks.fan_out")
def fan_out() -> bool:
    """Make deliveries of new events; return whether there is more."""
    beat("webhooks.fan_out")
    more = fan_out_events()
    if more:
        nudge("webhooks.fan_out")
    return more


@shared_task(name="webhooks.deliver")
def deliver() -> bool:
    """Send what is due; return whether there is more."""
    beat("webhooks.deliver")
    more = deliver_due()
    if more:
        nudge("webhooks.deliver")
    return more


@shared_task(name="webhooks.purge")
def purge() -> None:
    """Delete deliveries past DELIVERY_DAYS."""
    beat("webhooks.purge")
    purge_deliveries(now=database_now())
