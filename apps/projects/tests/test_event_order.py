"""Contract E2, E3: within a project the order of numbers is the order of commits, whoever dies. Prints its figures."""

from __future__ import annotations

import os
import signal
import time
from multiprocessing import get_context

import pytest
from django.db import connection

from apps.projects.models import Activity, Project
from apps.projects.tests.event_writer import write_until_killed
from apps.projects.tests.factories import ProjectFactory

pytestmark = pytest.mark.django_db(transaction=True)

WRITERS = 8


def read_on(project_id: int, last: int) -> list[int]:
    found = Activity.objects.filter(project_id=project_id, seq__gt=last).order_by("seq")
    return list(found.values_list("seq", flat=True))


def sessions() -> list[tuple[object, ...]]:
    """Return what the sessions of the database are doing, for the message of a failure."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid, state, wait_event_type, wait_event, left(query, 80) FROM pg_stat_activity"
            " WHERE datname = current_database()"
        )
        return list(cursor.fetchall())


@pytest.mark.parametrize("seconds", [4, pytest.param(60, marks=pytest.mark.slow)])
def test_e2_e3_a_reader_of_higher_numbers_misses_nothing_while_writers_are_killed(seconds):
    project = ProjectFactory()
    # Forked from a server that has no threads and no connections, unlike the process of the suite.
    servers = get_context("forkserver")
    servers.set_forkserver_preload(["apps.projects.tests.event_writer"])
    database = connection.settings_dict["NAME"]

    def start(seed: int):
        process = servers.Process(target=write_until_killed, args=(database, project.pk, seed), daemon=True)
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
    assert last > 20, sessions()
    assert killed
    assert (missed, out_of_order) == (set(), 0)
