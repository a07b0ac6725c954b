"""How the relay and the live stream are: for `doctor` and metrics."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

import redis
from django.conf import settings
from django.db.models import Count, Min

from apps.common.background.wake import CHANNEL
from apps.common.dates.clock import database_now
from apps.common.monitoring.doctor import Finding, Level, check
from apps.common.monitoring.metrics import register_gauge
from apps.common.redis_client import redis_client
from apps.projects.models import Activity

LATE = timedelta(minutes=5)


def unpublished() -> Mapping[str, float]:
    """Return how many events wait for the relay."""
    return {"": float(Activity.objects.filter(published_at=None).count())}


def oldest_unpublished() -> Mapping[str, float]:
    """Return the age in seconds of the event that has waited longest; 0 when none waits."""
    oldest = Activity.objects.filter(published_at=None).aggregate(oldest=Min("created_at"))["oldest"]
    return {"": (database_now() - oldest).total_seconds() if oldest else 0.0}


def connect() -> None:
    """Let metrics ask; called once at start."""
    register_gauge("taskhouse_events_unpublished", "Events that wait for the relay.", unpublished)
    register_gauge(
        "taskhouse_events_oldest_unpublished_seconds", "Age of the oldest event that waits.", oldest_unpublished
    )


@check("relay")
def relay() -> Iterator[Finding]:
    """Find out whether events reach the sink."""
    waiting = Activity.objects.filter(published_at=None).aggregate(rows=Count("pk"), oldest=Min("created_at"))
    rows, oldest = waiting["rows"], waiting["oldest"]
    if settings.EVENT_SINK == "none":
        if rows:
            text = f"{rows} events wait for a sink, and EVENT_SINK is `none`"
            fix = (
                "Set EVENT_SINK again, or send them with `relay_events --to`; until then none of them is ever deleted."
            )
            yield Finding("relay", Level.WARN, text, fix)
        else:
            yield Finding("relay", Level.OK, "EVENT_SINK is `none`: nothing is sent")
    elif oldest is not None and database_now() - oldest > LATE:
        text = f"{rows} events wait for {settings.EVENT_SINK}, the oldest since {oldest:%Y-%m-%d %H:%M} UTC"
        yield Finding("relay", Level.FAIL, text, "Look at the worker's log, and whether the sink takes events.")
    else:
        yield Finding("relay", Level.OK, f"{settings.EVENT_SINK} is sent everything; {rows} wait")


@check("live stream")
def stream() -> Iterator[Finding]:
    """Find out whether a process of the live stream listens: each one is subscribed to the wake-ups."""
    try:
        count = dict(redis_client().pubsub_numsub(CHANNEL)).get(CHANNEL.encode(), 0)
    except (redis.RedisError, OSError):
        yield Finding("live stream", Level.WARN, "cannot be seen while Redis does not answer", "See redis above.")
        return
    if count:
        yield Finding("live stream", Level.OK, f"{count} processes listen" if count > 1 else "its process listens")
    else:
        fix = "Start `scripts/entrypoint stream`, or let it be: nothing is lost without it."
        yield Finding("live stream", Level.WARN, "no process: pages and apps poll instead", fix)
