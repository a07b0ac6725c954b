"""Where events can be sent to."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import redis
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

NAME = "taskhouse:events"  # of the stream
TOPIC = "taskhouse.events"
PATIENCE = 30  # seconds for a batch to be taken
CONNECT = 5  # seconds


class SinkError(Exception):
    """The sink did not take a batch; the events stay unpublished and are sent again."""


@dataclass(frozen=True)
class Message:
    """An event on its way: `event` is its CloudEvent as JSON."""

    id: str
    project: int
    seq: int
    type: str
    event: str


class Sink(Protocol):
    """Takes batches of messages."""

    def send(self, messages: Sequence[Message]) -> None:
        """Return when all are stored, in their order; SinkError when only the first of them may be, or none."""

    def close(self) -> None:
        """Let go of the connection."""


class ValkeySink:
    """A stream of Valkey or Redis, cut to about EVENT_STREAM_MAXLEN entries."""

    def __init__(self) -> None:
        self._client = redis.Redis.from_url(
            settings.EVENT_STREAM_URL, socket_timeout=PATIENCE, socket_connect_timeout=CONNECT
        )

    def send(self, messages: Sequence[Message]) -> None:
        # One transaction: a server that runs full takes all of them or none, never those behind one it rejected.
        pipeline = self._client.pipeline(transaction=True)
        for message in messages:
            fields: dict[Any, Any] = dict(vars(message))
            pipeline.xadd(NAME, fields, maxlen=settings.EVENT_STREAM_MAXLEN, approximate=True)
        try:
            pipeline.execute()
        except (redis.RedisError, OSError) as error:
            raise SinkError(f"Valkey does not take events: {error}") from error

    def close(self) -> None:
        self._client.close()


class KafkaSink:
    """A topic of Kafka; a project's events have one key, so they stand in one partition in their order."""

    def __init__(self, **options: Any) -> None:
        """Connect to KAFKA_BROKERS; `options` are further settings of librdkafka, for tests."""
        try:
            from confluent_kafka import Producer
        except ImportError:
            raise ImproperlyConfigured("EVENT_SINK=kafka needs the package confluent-kafka.") from None
        brokers = {"bootstrap.servers": settings.KAFKA_BROKERS}
        # No message times out by itself: one that was given up while a later one went through would be a gap.
        order = {"enable.idempotence": True, "acks": "all", "message.timeout.ms": 0}
        self._producer = Producer(brokers | order | options)

    def send(self, messages: Sequence[Message]) -> None:
        outcomes: list[Any] = []  # of each message that was decided: its error, or None

        for message in messages:
            self._producer.produce(
                TOPIC,
                key=str(message.project),
                value=message.event,
                headers={"id": message.id, "type": message.type, "content-type": "application/cloudevents+json"},
                on_delivery=lambda error, _message: outcomes.append(error),
            )
        # What flush returns counts the client's own events too, such as a broker that cannot be reached.
        self._producer.flush(PATIENCE)
        errors = [str(error) for error in outcomes if error is not None]
        missing = len(messages) - outcomes.count(None)
        if missing:
            reason = errors[0] if errors else f"{missing} of {len(messages)} are not stored after {PATIENCE} s"
            self.close()  # whose purge adds outcomes of its own
            raise SinkError(f"Kafka does not take events: {reason}")

    def close(self) -> None:
        self._producer.purge()  # nothing may be sent later, between others
        self._producer.flush(CONNECT)


SINKS: dict[str, Callable[[], Sink]] = {"valkey": ValkeySink, "kafka": KafkaSink}
