"""The relay: EVENT_SINK, the job `events.relay` and the command `relay_events`."""

from __future__ import annotations

import json
import time
from datetime import timedelta

import pytest
import redis
from cloudevents.core.formats.json import JSONFormat
from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition
from django.core.management import CommandError, call_command

from apps.events import jobs
from apps.events.relay import services as relay
from apps.events.relay import sinks
from apps.events.relay.lock import relay_lock
from apps.events.relay.sinks import NAME, TOPIC, KafkaSink, SinkError, ValkeySink
from apps.notifications.models import Hold
from apps.projects import services
from apps.projects.events import EventType
from apps.projects.models import Activity
from apps.projects.services import Event
from apps.projects.tests.factories import ProjectFactory

PATIENCE = 120  # seconds; no test measures anything


@pytest.fixture
def stream(settings):
    """Return the stream, empty, and let events go there."""
    settings.EVENT_SINK = "valkey"
    client = redis.Redis.from_url(settings.EVENT_STREAM_URL, decode_responses=True)
    client.delete(NAME)
    yield client
    client.delete(NAME)


def record(project, count=1):
    events = [Event(type=EventType.PROJECT_UPDATED, object_id=project.pk)] * count
    return services.record_events(project.pk, events, actor_id=None)


def sent(stream):
    return [(int(fields["project"]), int(fields["seq"])) for _, fields in stream.xrange(NAME)]


def unpublished():
    return Activity.objects.filter(published_at=None).count()


class Failing(ValkeySink):
    """Stores a batch and says that it did not, as when the answer is lost."""

    def send(self, messages):
        super().send(messages)
        raise SinkError("lost")


def test_fe4_without_a_sink_events_are_born_published_and_the_job_does_nothing(project):
    record(project)

    assert unpublished() == 0
    assert jobs.relay() is False


def test_fe3_an_event_goes_to_the_stream_as_a_cloud_event_and_is_marked(stream, project):
    (row,) = record(project)
    assert unpublished() == 1

    jobs.relay()

    ((_, fields),) = stream.xrange(NAME)
    event = JSONFormat().read(None, fields.pop("event"))
    expected = {"id": str(row.event_id), "project": str(project.pk), "seq": "1", "type": "project.updated"}
    assert fields == expected
    assert (event.get_id(), event.get_source()) == (str(row.event_id), f"/projects/{project.pk}")
    assert unpublished() == 0


def test_fe3_a_project_keeps_its_order_over_several_rounds(stream, project, monkeypatch):
    monkeypatch.setattr(relay, "BATCH", 2)
    other = ProjectFactory()
    record(project, 3)
    record(other, 1)

    jobs.relay()

    assert [seq for pk, seq in sent(stream) if pk == project.pk] == [1, 2, 3]
    assert sent(stream).index((other.pk, 1)) == 2  # one project's backlog does not hold up the others
    assert unpublished() == 0


def test_fe3_what_was_sent_but_not_marked_is_sent_again_with_the_same_id(stream, project):
    record(project, 2)

    with pytest.raises(SinkError):
        relay.publish_round(Failing())
    jobs.relay()

    assert sent(stream) == [(project.pk, 1), (project.pk, 2)] * 2
    assert len({fields["id"] for _, fields in stream.xrange(NAME)}) == 2


def test_fe3_a_sink_that_does_not_answer_loses_nothing(stream, project, settings):
    record(project)
    settings.EVENT_STREAM_URL = "redis://127.0.0.1:1/2"

    with pytest.raises(CommandError, match="does not take events"):
        call_command("relay_events", "--once")

    assert unpublished() == 1


@pytest.mark.django_db(transaction=True)
def test_fe3_one_relay_works_at_a_time(stream, project, other_connection):
    record(project)
    with other_connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [0x72656C61])

    assert jobs.relay() is False
    assert sent(stream) == []
    other_connection.close()
    with relay_lock(wait=True) as ours:
        assert ours
    jobs.relay()
    assert sent(stream) == [(project.pk, 1)]


def test_fe3_the_stream_is_cut_to_its_length(stream, project, settings):
    settings.EVENT_STREAM_MAXLEN = 10
    record(project, 150)

    jobs.relay()

    assert len(sent(stream)) < 150
    assert sent(stream)[-1] == (project.pk, 150)


def test_fe4_since_publishes_older_events_again(stream, project, settings, capsys):
    settings.EVENT_SINK = "none"
    record(project, 3)
    first = Activity.objects.get(seq=1)
    Activity.objects.filter(seq=1).update(created_at=first.created_at - timedelta(days=1))

    call_command("relay_events", "--to", "valkey", "--once", "--since", first.created_at.isoformat())

    assert sent(stream) == [(project.pk, 2), (project.pk, 3)]
    assert "2 events sent to valkey." in capsys.readouterr().out


def test_o6_a_restored_copy_sends_no_events_until_they_are_released(stream, project):
    record(project)
    hold = Hold.objects.create(reason="restored")

    jobs.relay()
    assert sent(stream) == []
    hold.delete()
    jobs.relay()
    assert sent(stream) == [(project.pk, 1)]


def read_back(sink, count):
    """Return key, headers and event of what a sink with a mock cluster in it has stored, in its order."""
    brokers = sink._producer.list_topics(timeout=PATIENCE).brokers.values()
    where = ",".join(f"{each.host}:{each.port}" for each in brokers)
    consumer = Consumer({"bootstrap.servers": where, "group.id": "test"})
    try:
        topic = consumer.list_topics(TOPIC, timeout=PATIENCE).topics[TOPIC]
        consumer.assign([TopicPartition(TOPIC, each, OFFSET_BEGINNING) for each in topic.partitions])
        found = [consumer.consume(1, timeout=PATIENCE)[0] for _ in range(count)]
        return [(each.key().decode(), dict(each.headers()), json.loads(each.value())) for each in found]
    finally:
        consumer.close()


def test_fe3_kafka_has_the_project_as_key_so_that_a_partition_keeps_its_order(project, settings):
    settings.KAFKA_BROKERS = "127.0.0.1:9"  # replaced by the mock cluster of librdkafka
    settings.EVENT_SINK = "kafka"
    record(project, 3)
    sink = KafkaSink(**{"test.mock.num.brokers": 1, "log_level": 0})
    try:
        assert relay.publish_round(sink) == 3
        found = read_back(sink, 3)
    finally:
        sink.close()

    assert unpublished() == 0
    assert {key for key, _, _ in found} == {str(project.pk)}
    assert [int(event["sequence"]) for _, _, event in found] == [1, 2, 3]
    rows = Activity.objects.order_by("seq").values_list("event_id", flat=True)
    assert [headers["id"].decode() for _, headers, _ in found] == [event["id"] for _, _, event in found]
    assert [event["id"] for _, _, event in found] == [str(each) for each in rows]


def test_fe3_a_cluster_that_is_away_leaves_the_events_unpublished_and_the_reason_says_why(
    project, settings, monkeypatch
):
    settings.KAFKA_BROKERS = "127.0.0.1:9"
    settings.EVENT_SINK = "kafka"
    monkeypatch.setattr(sinks, "PATIENCE", 0.1)
    record(project, 2)
    sink = KafkaSink(log_level=0)
    while not len(sink._producer):  # events of the client itself, which are no messages
        time.sleep(0.01)

    with pytest.raises(SinkError, match="2 of 2 are not stored"):
        relay.publish_round(sink)

    assert unpublished() == 2
