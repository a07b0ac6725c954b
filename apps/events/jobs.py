"""Celery entry points: one call each."""

from __future__ import annotations

from celery import shared_task
from django.conf import settings

from apps.common.dates.clock import database_now
from apps.common.monitoring.heartbeat import beat
from apps.events.relay.lock import relay_lock
from apps.events.relay.services import publish_round
from apps.events.relay.sinks import SINKS
from apps.events.tickets import purge_tickets

ROUNDS = 20  # of one run: a long backlog leaves the worker to others in between


@shared_task(name="events.relay")
def relay() -> bool:
    """Send events to EVENT_SINK, unless another relay does; return whether there may be more."""
    beat("events.relay")
    if settings.EVENT_SINK not in SINKS:
        return False
    with relay_lock(wait=False) as ours:
        if not ours:
            return False
        sink = SINKS[settings.EVENT_SINK]()
        try:
            return all(publish_round(sink) for _ in range(ROUNDS))
        finally:
            sink.close()


@shared_task(name="events.purge")
def purge() -> None:
    """Delete tickets of the stream that are over."""
    beat("events.purge")
    purge_tickets(now=database_now())
