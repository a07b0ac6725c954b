"""What one worker process does, by the clock and by processor time: mails, webhooks, imports of a table and an archive.

Mails and webhooks go to receivers that cost next to nothing.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scripts.resilience.installation import Installation
from scripts.resilience.processor_time import seconds_of
from scripts.resilience.sink import Sink
from scripts.resilience.traffic import Accounts, make_cast

if TYPE_CHECKING:
    from apps.projects.models import Project
    from apps.users.models import User

HOOKS = 15  # webhooks of one project, all to one receiver
WARM = 0.1  # of what arrives: connections, kept statements and caches are made meanwhile
PATIENCE = 600  # seconds
NOT_BEGUN = -1


def arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options."""
    parser.add_argument("--notifications", type=int, default=6_000, help="mails")
    parser.add_argument("--deliveries", type=int, default=3_000, help=f"requests of {HOOKS} webhooks")
    parser.add_argument("--rows", type=int, default=4_000, help="of a CSV file, then of an archive, that is imported")


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
        figures |= _import_both(installation, accounts, options.rows)
    broken = ("lost", "doubled", "strange")
    sent = not any(figures[f"{name}_{what}"] for name in ("mails", "webhooks") for what in broken)
    created = {figures[f"{name}_{what}"] for name in ("imports", "archive") for what in ("created", "tasks")}
    copied = all(figures[f"archive_{what}"] == figures[f"imports_{what}"] for what in ("comments", "relations"))
    return figures | {"ok": sent and copied and created == {options.rows}}


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


def _import_both(installation: Installation, accounts: Accounts, rows: int) -> dict[str, Any]:
    """Let a worker import a CSV file of `rows` tasks, and the archive of what came of it after tasks were related."""
    from apps.projects.models import Project
    from apps.projects.services import create_project

    owner = Project.objects.get(pk=accounts.project_id).owner
    moved, copy = (create_project(actor=owner, name=name) for name in ("Moved here", "A copy of it"))
    figures = _import(installation, owner, moved, data=_file(rows), file_name="rows.csv", source="csv")
    _relate(moved)
    again = _import(installation, owner, copy, data=_archive(owner, moved), file_name="a.zip", source="taskhouse")
    found = {"imports": figures | _contents(moved), "archive": again | _contents(copy)}
    return {f"{name}_{key}": value for name, values in found.items() for key, value in values.items()}


def _import(installation: Installation, owner: User, project: Project, **file: Any) -> dict[str, Any]:
    """Let a worker import a `file` into an empty project, reading and judging it included."""
    from apps.imports import services
    from apps.imports.models import ImportJob, ImportState

    job = services.begin(actor=owner, project_id=project.pk, **file)
    services.run(job=job, dry_run=False)
    rows = job.analysis["counts"]["tasks"]

    def done() -> float:
        now = ImportJob.objects.get(pk=job.pk)
        if now.state != ImportState.RUNNING:
            return float(rows)
        return now.cursor / 2 if now.cursor or now.lease else NOT_BEGUN  # each row has two turns

    readings = _watch(installation, done, rows)
    job.refresh_from_db()
    return {"created": job.result.get("created", 0)} | _rates(readings, since=0)


def _contents(project: Project) -> dict[str, int]:
    """Return how many tasks, comments and relations there are."""
    from apps.tasks.models import Comment, Relation, Task

    found = {"tasks": Task.objects, "comments": Comment.objects}
    counts = {name: rows.filter(project=project).count() for name, rows in found.items()}
    return counts | {"relations": Relation.objects.filter(from_project=project).count()}


def _relate(project: Project) -> None:
    """Let every fifth task block the one before it, as the data of the benchmark have it."""
    from apps.tasks.models import Relation, Task

    ids = list(Task.objects.filter(project=project).order_by("number").values_list("pk", flat=True))
    ends = {"kind": "blocks", "from_project": project, "to_project": project}
    pairs = zip(ids[1::5], ids[::5], strict=False)
    Relation.objects.bulk_create(Relation(from_task_id=later, to_task_id=earlier, **ends) for later, earlier in pairs)


def _archive(owner: User, project: Project) -> bytes:
    """Return the file that an export of the project makes."""
    from apps.exports import services
    from apps.tasks.attachments.storage import open_stored

    export = services.request_export(actor=owner, scope="project", project_id=project.pk, with_files=False)
    services.build_due()
    export.refresh_from_db()
    with open_stored(export.storage_name) as file:
        return b"".join(file.chunks())


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
