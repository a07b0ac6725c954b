"""What `doctor`, /metrics and the probes say of the relay and the live stream."""

from __future__ import annotations

from datetime import timedelta

import pytest
import redis

from apps.common.background.wake import CHANNEL
from apps.common.monitoring.metrics import events_total
from apps.common.redis_client import redis_client
from apps.events import monitoring
from apps.projects import services
from apps.projects.events import EventType
from apps.projects.models import Activity
from apps.projects.services import Event


@pytest.fixture
def waiting(project, settings):
    """Two events that wait for the relay, the older one for an hour."""
    settings.EVENT_SINK = "valkey"
    events = [Event(type=EventType.PROJECT_UPDATED, object_id=project.pk)] * 2
    first, _ = services.record_events(project.pk, events, actor_id=None)
    Activity.objects.filter(pk=first.pk).update(created_at=first.created_at - timedelta(hours=1))


def levels(check):
    return [finding.level for finding in check()]


def test_fe3_doctor_and_metrics_say_how_many_events_wait_and_for_how_long(waiting, settings):
    assert monitoring.unpublished() == {"": 2}
    assert monitoring.oldest_unpublished()[""] > 3_599
    assert levels(monitoring.relay) == ["fail"]

    settings.EVENT_SINK = "none"  # who switches the sink off has events that are never deleted
    assert levels(monitoring.relay) == ["warn"]

    Activity.objects.update(published_at=None)
    Activity.objects.all().delete()
    assert (monitoring.unpublished(), monitoring.oldest_unpublished()) == ({"": 0}, {"": 0})
    for sink in ("none", "valkey"):
        settings.EVENT_SINK = sink
        assert levels(monitoring.relay) == ["ok"]


def test_sr6_doctor_sees_a_stream_process_by_its_subscription(monkeypatch):
    client = redis_client()
    before = dict(client.pubsub_numsub(CHANNEL))[CHANNEL.encode()]
    with client.pubsub() as subscriber:
        subscriber.subscribe(CHANNEL)
        subscriber.get_message(timeout=60)
        with_it = list(monitoring.stream())
    monkeypatch.setattr(redis.Redis, "pubsub_numsub", lambda *_: [(CHANNEL.encode(), before)])
    without = levels(monitoring.stream)
    monkeypatch.setattr(redis.Redis, "pubsub_numsub", failing)

    assert [finding.level for finding in with_it] == ["ok"]
    assert without == (["ok"] if before else ["warn"])
    assert levels(monitoring.stream) == ["warn"]


def failing(*_):
    raise redis.ConnectionError("away")


def test_e1_committed_events_are_counted_by_type_and_origin_and_rolled_back_ones_are_not(
    project, django_capture_on_commit_callbacks
):
    counter = events_total.labels("project.updated", "job")
    before = counter._value.get()
    event = Event(type=EventType.PROJECT_UPDATED, object_id=project.pk)

    with django_capture_on_commit_callbacks() as callbacks:
        services.record_events(project.pk, [event, event], actor_id=None)
    assert counter._value.get() == before
    for callback in callbacks:
        callback()

    assert counter._value.get() == before + 2
