"""Contract E2, E3: within a project the order of numbers is the order of commits, whoever dies. Prints its figures."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time
from multiprocessing import get_context

import pytest
from django.db import connection, transaction

from apps.projects.events import EventType
from apps.projects.models import Activity, Project
from apps.projects.services import Event, record_events
from apps.projects.tests.factories import ProjectFactory

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS = 8
inherited: list[object] = []


def write_until_killed(project_id: int, seed: int) -> None:
    """Write events in transactions of random length; runs in a process of its own."""
    inherited.append(connection.connection)  # the parent's: neither used nor closed here
    connection.connection = None
    chance = random.Random(seed)
    while True:
        with contextlib.suppress(ZeroDivisionError), transaction.atomic():
            events = [Event(type=EventType.PROJECT_UPDATED)] * chance.randint(1, 3)
            record_events(project_id, events, actor_id=None)
            time.sleep(chance.random() / 200)
            if chance.random() < 0.1:
                raise ZeroDivisionError  # rolled back


def read_on(project_id: int, last: int) -> list[int]:
    found = Activity.objects.filter(project_id=project_id, seq__gt=last).order_by("seq")
    return list(found.values_list("seq", flat=True))


@pytest.mark.parametrize("seconds", [4, pytest.param(60, marks=pytest.mark.slow)])
def test_e2_a_reader_of_higher_numbers_misses_nothing_while_writers_are_killed(seconds):
    project = ProjectFactory()
    fork = get_context("fork")

    def start(seed: int):
        process = fork.Process(target=write_until_killed, args=(project.pk, seed), daemon=True)
        process.start()
        return process

    writers, seed, killed = [start(seed) for seed in range(WRITERS)], WRITERS, 0
    seen: list[int] = []
    out_of_order, end, next_kill = 0, time.monotonic() + seconds, time.monotonic() + 0.5
    try:
        while time.monotonic() < end:
            for seq in read_on(project.pk, seen[-1] if seen else 0):
                out_of_order += seq != (seen[-1] if seen else 0) + 1
                seen.append(seq)
            if time.monotonic() > next_kill:
                victim = writers.pop(0)
                os.kill(victim.pid, signal.SIGKILL)
                victim.join()
                seed, killed, next_kill = seed + 1, killed + 1, next_kill + 0.5
                writers.append(start(seed))
    finally:
        for writer in writers:
            writer.kill()
            writer.join()
    seen += read_on(project.pk, seen[-1] if seen else 0)
    last = Project.objects.values_list("last_seq", flat=True).get(pk=project.pk)
    missed = set(range(1, last + 1)) - set(seen)

    print(f"{WRITERS} writers, {killed} killed, {last} events: missed {len(missed)}, out of order {out_of_order}")
    assert last > 20
    assert killed
    assert (missed, out_of_order) == (set(), 0)
