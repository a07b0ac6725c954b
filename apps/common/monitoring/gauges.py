"""The numbers about the whole house that no process counts: read from the database and Redis at a scrape."""

from __future__ import annotations

from celery import current_app
from django.db.models import Max

from apps.common.models import Heartbeat
from apps.common.monitoring.metrics import register_gauge

QUEUE = "celery"  # Celery's default queue: the only one here


def register() -> None:
    """Show them at every scrape of a web process."""
    register_gauge("taskhouse_last_beat_timestamp_seconds", "When a periodic job last ran.", last_beat)
    register_gauge("taskhouse_queue_length", "Wake-ups that no worker has taken.", queue_length)


def last_beat() -> dict[str, float]:
    """Return the Unix time of the newest sign of life of Beat; nothing before the first."""
    last = Heartbeat.objects.aggregate(last=Max("beat_at"))["last"]
    return {"": last.timestamp()} if last else {}


def queue_length() -> dict[str, float]:
    """Return how many messages wait in the broker; raises what the broker's client raises."""
    with current_app.connection_for_write() as broker:
        broker.transport_options = broker.transport_options | {"socket_timeout": 1, "socket_connect_timeout": 1}
        broker.ensure_connection(max_retries=1, timeout=1)
        return {"": float(broker.default_channel.client.llen(QUEUE))}
