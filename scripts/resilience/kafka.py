"""Sends events to Kafka while the relay is killed again and again: none is lost, and a project keeps its order."""

from __future__ import annotations

import argparse
import json
import random
import threading
import time
from collections import defaultdict
from pathlib import Path
from typing import Any

from scripts.resilience.installation import Installation
from scripts.resilience.traffic import make_cast

PROJECTS, WRITERS, PARTITIONS = 4, 4, 4
PATIENCE = 120.0  # seconds for what is left once the kills are over


def arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options."""
    parser.add_argument("--events", type=int, default=1_000)
    parser.add_argument("--kills", type=int, default=5, help="of the relay, with kill -9")
    parser.add_argument(
        "--brokers", default="", help="host:port of a cluster for tests; else librdkafka's mock cluster"
    )


def run(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Write events, kill the relay meanwhile, read the topic and compare."""
    mock = None if options.brokers else start_mock()
    brokers = options.brokers or address_of(mock)
    settings = {"EVENT_SINK": "kafka", "KAFKA_BROKERS": brokers, "LOG_LEVEL": "WARNING"}
    with Installation(folder, settings=settings) as installation:
        installation.open_django()
        make_topic(brokers)
        projects = make_projects()
        installation.start("relay")
        chance, writing = random.Random(1), Writers(projects, options.events)
        for _ in range(options.kills):
            time.sleep(chance.uniform(1, 3))
            installation.kill("relay")
            installation.start("relay")
        writing.join()
        seconds = wait_until_published()
        found = compare(read_topic(brokers))
    figures = {"brokers": options.brokers or "mock cluster", "kills": options.kills, "seconds_to_publish": seconds}
    well = seconds is not None and not (found["lost"] or found["out_of_order"] or found["in_two_partitions"])
    return figures | found | {"ok": well}


def start_mock() -> Any:
    """Return a producer with the mock cluster of librdkafka in it, which other processes reach by TCP."""
    from confluent_kafka import Producer

    return Producer({"bootstrap.servers": "", "test.mock.num.brokers": 3, "log_level": 0})


def address_of(mock: Any) -> str:
    """Return where the brokers of a mock cluster listen."""
    brokers = mock.list_topics(timeout=30).brokers.values()
    return ",".join(f"{each.host}:{each.port}" for each in brokers)


def make_topic(brokers: str) -> None:
    """Make the topic with several partitions, unless it is there."""
    from confluent_kafka import KafkaException
    from confluent_kafka.admin import AdminClient, NewTopic  # type: ignore[attr-defined]

    from apps.events.relay.sinks import TOPIC

    client = AdminClient({"bootstrap.servers": brokers})
    try:
        client.create_topics([NewTopic(TOPIC, PARTITIONS, 1)])[TOPIC].result(30)
    except KafkaException as error:
        print(f"The topic is not made: {error}")


def make_projects() -> list[tuple[Any, int]]:
    """Return projects, each as its owner and its id."""
    from apps.projects.models import Project
    from apps.projects.services import create_project

    owner = Project.objects.select_related("owner").get(pk=make_cast("", people=1).project_id).owner
    return [(owner, create_project(actor=owner, name=f"Events {number}").pk) for number in range(PROJECTS)]


class Writers:
    """Threads that create tasks, each of which is an event, in turn in each project."""

    def __init__(self, projects: list[tuple[Any, int]], events: int) -> None:
        self._numbers = iter(range(events))
        self._lock = threading.Lock()
        self._threads = [threading.Thread(target=self._work, args=[projects], daemon=True) for _ in range(WRITERS)]
        for thread in self._threads:
            thread.start()

    def _work(self, projects: list[tuple[Any, int]]) -> None:
        from django.db import connection

        from apps.tasks.services import create_task

        while True:
            with self._lock:
                number = next(self._numbers, None)
            if number is None:
                connection.close()
                return
            owner, project = projects[number % len(projects)]
            create_task(actor=owner, project=project, title=f"Task {number}")

    def join(self) -> None:
        """Wait until all is written."""
        for thread in self._threads:
            thread.join()


def wait_until_published() -> float | None:
    """Return the seconds until no event waits; None when some still do after PATIENCE."""
    from apps.projects.models import Activity

    began = time.monotonic()
    while time.monotonic() < began + PATIENCE:
        if not Activity.objects.filter(published_at=None).exists():
            return round(time.monotonic() - began, 1)
        time.sleep(0.2)
    return None


def read_topic(brokers: str) -> list[tuple[int, str, dict[str, Any]]]:
    """Return the messages of the topic: partition, key and event."""
    from confluent_kafka import OFFSET_BEGINNING, Consumer, TopicPartition

    from apps.events.relay.sinks import TOPIC

    consumer: Any = Consumer({"bootstrap.servers": brokers, "group.id": "drill", "enable.auto.commit": False})
    partitions = consumer.list_topics(TOPIC, timeout=30).topics[TOPIC].partitions
    consumer.assign([TopicPartition(TOPIC, each, OFFSET_BEGINNING) for each in partitions])
    found, quiet = [], 0
    while quiet < 5:
        message = consumer.poll(1)
        quiet = 0 if message else quiet + 1
        if message and not message.error():
            found.append((message.partition(), message.key().decode(), json.loads(message.value())))
    consumer.close()
    return found


def compare(messages: list[tuple[int, str, dict[str, Any]]]) -> dict[str, Any]:
    """Return how many events of the log are in the topic, missing, repeated, or behind a later one of their project."""
    from apps.projects.models import Activity

    rows = {str(pk): (project, seq) for pk, project, seq in Activity.objects.values_list("event_id", "project", "seq")}
    last: dict[int, int] = defaultdict(int)
    partitions: dict[int, set[int]] = defaultdict(set)
    seen: set[str] = set()
    own = repeated = disordered = 0
    for partition, key, event in messages:
        if event["id"] not in rows:  # of an earlier run
            continue
        project, seq = rows[event["id"]]
        own += 1
        repeated += event["id"] in seen
        # A reader that leaves out what it knows by its id sees every number once, one after the other
        disordered += event["id"] not in seen and (seq != last[project] + 1 or key != str(project))
        last[project] = max(last[project], seq)
        partitions[project].add(partition)
        seen.add(event["id"])
    return {
        "events": len(rows),
        "messages": own,
        "lost": len(rows.keys() - seen),
        "repeated": repeated,
        "out_of_order": disordered,
        "in_two_partitions": sum(len(each) > 1 for each in partitions.values()),
    }
