"""docs/examples/events/consumer.py: killed at any time, it neither loses nor repeats an effect (FE4)."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest
import redis

from apps.events.relay.services import messages
from apps.events.relay.sinks import NAME, ValkeySink
from apps.projects import services
from apps.projects.events import EventType
from apps.projects.models import Activity
from apps.projects.services import Event
from scripts.local import processes
from scripts.local.environment import ROOT


@pytest.fixture
def stream(settings):
    client = redis.Redis.from_url(settings.EVENT_STREAM_URL)
    client.delete(NAME)
    yield client
    client.delete(NAME)


def test_fe4_the_consumer_of_the_examples_counts_each_event_once_although_it_is_killed(
    stream, project, settings, tmp_path
):
    done = Event(type=EventType.TASK_UPDATED, task_id=1, task_key="WEB-1", changes={"status": ("todo", "done")})
    services.record_events(project.pk, [done] * 60, actor_id=None)
    batch = messages(list(Activity.objects.select_related("project").order_by("seq")))
    env = os.environ | {
        "EVENT_STREAM_URL": settings.EVENT_STREAM_URL,
        "CONSUMER_DB": str(tmp_path / "counts.db"),
        "PORT": "0",
    }
    command = [sys.executable, str(ROOT / "docs" / "examples" / "events" / "consumer.py")]

    def counted() -> int:
        try:
            with closing(sqlite3.connect(tmp_path / "counts.db")) as db:
                return (db.execute("SELECT done FROM projects").fetchone() or (0,))[0]
        except sqlite3.OperationalError:  # the consumer has not made its tables yet
            return 0

    chance, sink = random.Random(3), ValkeySink()
    for least in (20, 40, 60):
        consumer = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            sink.send(batch[max(least - 20 - chance.randint(0, 10), 0) : least])  # with repetitions, as after a kill
            assert processes.wait_until(lambda least=least: counted() >= least - 5, seconds=60)
        finally:
            time.sleep(chance.random() / 100)
            consumer.kill()
            consumer.wait()
    consumer = subprocess.Popen(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert processes.wait_until(lambda: counted() == 60, seconds=60)
    finally:
        consumer.kill()
        consumer.wait()
    sink.close()
    assert counted() == 60
