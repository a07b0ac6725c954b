"""What one worker process does, by the clock and by processor time: mails and webhooks to cheap receivers, imports."""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.resilience.installation import Installation
from scripts.resilience.processor_time import seconds_of
from scripts.resilience.sink import Sink
from scripts.resilience.traffic import Accounts, make_cast

HOOKS = 15  # webhooks of one project, all to one receiver
WARM = 0.1  # of what arrives: connections, kept statements and caches are made meanwhile
PATIENCE = 600  # seconds
NOT_BEGUN = -1


def arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options."""
    parser.add_argument("--notifications", type=int, default=6_000, help="mails")
    parser.add_argument("--deliveries", type=int, default=3_000, help=f"requests of {HOOKS} webhooks")
    parser.add_argument("--rows", type=int, default=4_000, help="of a CSV file that is imported")


def run(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Fill the queues one after the other, each for one worker with one process, and look what was done and when."""
    settings = {"LOG_LEVEL": "WARNING", "WEBHOOK_ALLOW_HTTP": "true", "WEBHOOK_ALLOWED_NETWORKS": "127.0.0.1/32"}
    with Installation(folder, settings=settings) as installation:
        installation.open_django()
        accounts = make_cast("")
        figures: dict[str, Any] = {}
        for name, fill, count in (
            ("mails", _enter_mails, options.notifications),
            ("webhooks", _enter_deliveries, options.deliveries),
        ):
            with Sink(folder / f"{name}.txt", log=installation.log(f"sink-{name}")) as sink:
                installation.settings["EMAIL_PORT"] = str(sink.mail_port)
                wanted = fill(accounts, sink, count)
                figures |= {f"{name}_{key}": value for key, value in _send(installation, sink, wanted).items()}
        figures |= {f"imports_{key}": value for key, value in _import(installation, accounts, options.rows).items()}
    broken = ("lost", "doubled", "strange")
    sent = not any(figures[f"{name}_{what}"] for name in ("mails", "webhooks") for what in broken)
    return figures | {"ok": sent and figures["imports_created"] == figures["imports_tasks"] == options.rows}


@dataclass(frozen=True)
class _Reading:
    """What was done at a moment, and the seconds of processor time until then."""

    at: float
    done: float
    worker: float
    database: float
    sink: float = 0.0


def _send(installation: Installation, sink: Sink, wanted: set[str]) -> dict[str, Any]:
    """Let a worker send what waits, and compare that with the `wanted` names of what must arrive."""
    readings = _watch(installation, lambda: len(sink.arrivals()), len(wanted), sink=sink)
    return _counted(sink, wanted) | _rates(readings, since=WARM * len(wanted))


def _watch(
    installation: Installation, done: Callable[[], float], count: int, *, sink: Sink | None = None
) -> list[_Reading]:
    """Let a worker work until `count` are done, and note how far it is."""
    _look_at_tables()
    worker, database = installation.start("worker"), installation.stack.postgres.pid() or 0
    readings: list[_Reading] = []
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and (not readings or readings[-1].done < count):
        time.sleep(0.2)
        times = (seconds_of(pid) for pid in (worker.pid, database, *([sink.process.pid] if sink else [])))
        readings.append(_Reading(time.monotonic(), done(), *times))
    installation.end("worker")
    return readings


def _look_at_tables() -> None:
    """Let PostgreSQL count what was entered, as it does by itself within a minute: until then it plans for nothing."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _counted(sink: Sink, wanted: set[str]) -> dict[str, int]:
    came = Counter(name for _, name in sink.arrivals())
    return {
        "sent": len(wanted & came.keys()),
        "lost": len(wanted - came.keys()),
        "doubled": sum(came.values()) - len(came),
        "strange": len(came.keys() - wanted),
    }


def _rates(readings: list[_Reading], *, since: float) -> dict[str, float]:
    """Return the figures of the time after `since` were done; nothing when it was over at a glance."""
    warm = [reading for reading in readings if reading.done >= since]
    done = warm[-1].done - warm[0].done if warm else 0
    if not done:
        return {}
    first, last = warm[0], warm[-1]
    worker = last.worker - first.worker
    found = {
        "per_second": done / (last.at - first.at),
        "worker_cpu_ms": worker / done * 1_000,
        "postgresql_cpu_ms": (last.database - first.database) / done * 1_000,
    }
    if last.sink:
        found["receiver_cpu_ms"] = (last.sink - first.sink) / done * 1_000
    if worker:
        found["per_second_of_worker_cpu"] = done / worker
    return {name: round(value, 2) for name, value in found.items()}


def _import(installation: Installation, accounts: Accounts, rows: int) -> dict[str, Any]:
    """Let a worker import a CSV file of `rows` tasks into a project of its own, reading and judging it included."""
    from apps.imports import services
    from apps.imports.models import ImportJob, ImportState
    from apps.projects.models import Project
    from apps.projects.services import create_project
    from apps.tasks.models import Task

    owner = Project.objects.get(pk=accounts.project_id).owner
    project = create_project(actor=owner, name="Moved here")
    job = services.begin(actor=owner, data=_file(rows), file_name="rows.csv", source="csv", project_id=project.pk)
    services.run(job=job, dry_run=False)

    def done() -> float:
        now = ImportJob.objects.get(pk=job.pk)
        if now.state != ImportState.RUNNING:
            return rows
        return now.cursor / 2 if now.cursor or now.lease else NOT_BEGUN  # each row has two turns

    readings = _watch(installation, done, rows)
    job.refresh_from_db()
    found = {"created": job.result.get("created", 0), "tasks": Task.objects.filter(project=project).count()}
    return found | _rates(readings, since=0)


def _file(rows: int) -> bytes:
    """Return a file with what such files have: words, days, labels, comments, and every third row under another."""
    lines = ["Key,Summary,Description,State,Importance,Tags,Due date,Created,Parent,Comment"]
    for number in range(rows):
        parent = f"T-{number - number % 3}" if number % 3 else ""
        state, importance = ("To do", "Doing", "Done")[number % 3], ("Low", "High")[number % 2]
        comment = "" if number % 4 else "Somebody has asked about it."
        cells = [f"T-{number}", f"Task {number} of a file", f"What is to be done about {number}.", state, importance]
        cells += [f"label-{number % 20}", f"2027-01-{number % 28 + 1:02}", "2026-01-02T10:00:00Z", parent, comment]
        lines.append(",".join(cells))
    return "\n".join(lines).encode()


def _enter_mails(accounts: Accounts, _sink: Sink, count: int) -> set[str]:
    """Notify of `count` assigned tasks; return the Message-IDs."""
    from apps.notifications.delivery.mail import message_id
    from apps.notifications.models import Notification

    enter(accounts, count)
    return {message_id(row) for row in Notification.objects.all()}


def _enter_deliveries(accounts: Accounts, sink: Sink, count: int) -> set[str]:
    """Make webhooks, and as many tasks as make `count` deliveries; return their ids with the receiver's path."""
    from apps.projects.models import Activity, Project
    from apps.projects.services import create_project
    from apps.tasks.services import create_task
    from apps.webhooks.services import create_webhook

    owner = Project.objects.get(pk=accounts.project_id).owner
    project = create_project(actor=owner, name="Receivers")
    for number in range(HOOKS):
        create_webhook(actor=owner, project_id=project.pk, url=f"{sink.url}{number}", events=["task.created"])
    tasks = {
        create_task(actor=owner, title=f"Task {number} for receivers", project=project.pk).pk
        for number in range(count // HOOKS)
    }
    events = Activity.objects.filter(type="task.created", task_id__in=tasks).values_list("event_id", flat=True)
    return {f"{event}/{number}" for event in events for number in range(HOOKS)}


def enter(accounts: Accounts, count: int) -> None:
    """Notify of `count` assigned tasks."""
    from apps.notifications.services import NotificationRequest, notify_many
    from apps.projects.models import Project
    from apps.tasks.messages import TaskAssigned
    from apps.tasks.models import Task
    from apps.tasks.order.keys import even_key

    owner_id = Project.objects.get(pk=accounts.project_id).owner_id
    tasks = Task.objects.bulk_create(
        (
            Task(
                project_id=accounts.project_id,
                number=number,
                rank=even_key(number),
                title=f"Task {number} of the fire drill",
                assigned_to_id=accounts.people[number % len(accounts.people)],
                created_by_id=owner_id,
            )
            for number in range(1, count + 1)
        ),
        batch_size=1_000,
    )
    notify_many(
        NotificationRequest(
            TaskAssigned,
            recipient_id=task.assigned_to_id or 0,
            dedupe=f"assign:{task.pk}:1",
            actor_id=owner_id,
            project_id=task.project_id,
            task_id=task.pk,
            data={"changes": {"assigned_to": {"from": None, "to": task.assigned_to_id}}},
        )
        for task in tasks
    )
