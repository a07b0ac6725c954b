"""What the pages take beside the API's list of the same 50 tasks: milliseconds and bytes, by turns."""

from __future__ import annotations

import argparse
import gzip
import http.client
import statistics
import time
from pathlib import Path
from typing import Any

from scripts.resilience.installation import PRESENT, Installation
from scripts.resilience.stream_people import People, make_people

TASKS = 50
LIMIT_MS, LIMIT_BYTES = 80, 40_000  # contract PG13: the 95th percentile, and HTML in gzip
API = "api_list"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options."""
    parser.add_argument("--requests", type=int, default=200, help="of each kind")


def run(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Ask for each page in turn and return the figures; only sizes decide, since time is the machine's."""
    with Installation(folder, settings={"LOG_LEVEL": "WARNING", "WEB_WORKERS": "1"}) as installation:
        installation.open_django()
        people = make_people(5)
        task = make_tasks(people)
        installation.run_manage(PRESENT, "collectstatic", "--noinput", "--verbosity", "0")
        installation.start("web")
        installation.wait_for_web()
        project = f"/projects/{people.project}/"
        paths = {API: f"/api/tasks/?project={people.project}&page_size={TASKS}", "list": project}
        paths |= {"board": f"{project}board/", "task": f"/tasks/{task}/"}
        connection = http.client.HTTPConnection("127.0.0.1", installation.port, timeout=60)
        found: dict[str, list[float]] = {name: [] for name in paths}
        sizes = {}
        for number in range(options.requests + 10):
            for name, path in paths.items():
                seconds, sizes[name] = ask(connection, path, people)
                if number >= 10:  # the first ones load and prepare
                    found[name].append(seconds * 1_000)
    figures: dict[str, Any] = {}
    for name, times in found.items():
        figures[f"{name}_p50_ms"] = round(statistics.median(times), 1)
        figures[f"{name}_p95_ms"] = round(statistics.quantiles(times, n=20)[-1], 1)
        figures[f"{name}_times_the_api"] = round(statistics.median(times) / statistics.median(found[API]), 2)
        figures[f"{name}_gzip_bytes"] = sizes[name]
    slow = [name for name in found if figures[f"{name}_p95_ms"] > LIMIT_MS]
    return figures | {f"over_{LIMIT_MS}_ms": slow, "ok": all(size <= LIMIT_BYTES for size in sizes.values())}


def make_tasks(people: People) -> int:
    """Make TASKS tasks in the project, given to its members in turn, and return the id of one."""
    from apps.projects.models import Project
    from apps.tasks.services import create_task

    owner = Project.objects.select_related("owner").get(pk=people.project).owner
    statuses = ("todo", "in_progress", "review", "done")
    made = 0
    for number in range(TASKS):
        person = people.members[number % len(people.members)]
        text = f"Task {number}, with a title as people write them"
        status = statuses[number % len(statuses)]
        made = create_task(actor=owner, project=people.project, title=text, assigned_to=person, status=status).pk
    return made


def ask(connection: http.client.HTTPConnection, path: str, people: People) -> tuple[float, int]:
    """Return the seconds until the whole answer was there, and its size in gzip."""
    from django.conf import settings

    headers = {"Cookie": f"{settings.PAGE_COOKIE_NAME}={people.cookie}"}
    if path.startswith("/api/"):
        headers = {"Authorization": f"Bearer {people.owner}"}
    began = time.perf_counter()
    connection.request("GET", path, headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    seconds = time.perf_counter() - began
    assert answer.status == 200, f"{path}: {answer.status} {body[:500]!r}"
    return seconds, len(gzip.compress(body))
