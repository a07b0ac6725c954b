"""Publishes events: reads what is not published, sends it, then marks it; at least once, in order per project."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime

from django.conf import settings
from django.db.models import Exists, Min, OuterRef, Q, QuerySet
from django.db.models.functions import Now

from apps.common.faults import declare, fault_point
from apps.events.envelope import cloud_events
from apps.events.relay.sinks import Message, Sink
from apps.notifications.models import Hold
from apps.projects.models import Activity

declare("relay.sent", "relay.marked")

BATCH = 200  # events of one project; then the next project has its turn


def is_held() -> bool:
    """Return whether a restored copy keeps everything back until `release_mail` (contract O6)."""
    return Hold.objects.filter(covers__contains=["relay"]).exists()


def has_sink() -> bool:
    """Return whether events are relayed."""
    return str(settings.EVENT_SINK) != "none"


def still_to_publish() -> Q:
    """Return which events of the log were not given to a sink yet, with those behind them (contract E8)."""
    waiting = Activity.objects.filter(project=OuterRef("project"), seq__lte=OuterRef("seq"), published_at=None)
    return Q(Exists(waiting))


def publish_round(sink: Sink) -> int:
    """Send each project's next events, at most BATCH of them; return how many were sent, 0 when none waits.

    The caller holds the relay's lock. What was sent and could not be marked is sent again: readers know it by its id.
    Raises SinkError when the sink does not take them.
    """
    if is_held():
        return 0
    waiting = Activity.objects.filter(published_at=None)
    return sum(
        _publish(sink, waiting.filter(project=project))
        for project in list(waiting.order_by("project").values_list("project", flat=True).distinct())
    )


def _publish(sink: Sink, events: QuerySet[Activity]) -> int:
    rows = list(events.select_related("project").order_by("seq")[:BATCH])
    if not rows:  # the project was purged meanwhile
        return 0
    sink.send(messages(rows))
    fault_point("relay.sent")
    Activity.objects.filter(pk__in=[row.pk for row in rows]).update(published_at=Now())
    fault_point("relay.marked")
    return len(rows)


def publish_again(sink: Sink, *, since: datetime) -> int:
    """Send the published events of `since` and later once more, in order per project; return how many.

    The caller holds the relay's lock.
    """
    published = Activity.objects.filter(published_at__isnull=False)
    first = published.filter(created_at__gte=since).values("project").annotate(first=Min("seq")).order_by("project")
    sent = 0
    for project, seq in list(first.values_list("project", "first")):
        for rows in _parts(published.filter(project=project), first=seq):
            sink.send(messages(rows))
            sent += len(rows)
    return sent


def _parts(events: QuerySet[Activity], *, first: int) -> Iterator[list[Activity]]:
    """Yield the events from number `first` on in parts of BATCH."""
    while rows := list(events.filter(seq__gte=first).select_related("project").order_by("seq")[:BATCH]):
        yield rows
        first = rows[-1].seq + 1


def messages(rows: Sequence[Activity]) -> list[Message]:
    """Return the events, read with their projects, as they are sent."""
    events = cloud_events(rows, project_keys={row.project_id: row.project.key for row in rows})
    return [
        Message(
            id=str(row.event_id),
            project=row.project_id,
            seq=row.seq,
            type=row.type,
            event=json.dumps(event, ensure_ascii=False, separators=(",", ":")),
        )
        for row, event in zip(rows, events, strict=True)
    ]
