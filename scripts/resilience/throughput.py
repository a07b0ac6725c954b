"""What one worker process sends, by the clock and by processor time: mails and webhooks, to cheap receivers."""

from __future__ import annotations

import argparse
import time
from collections import Counter
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


def arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options."""
    parser.add_argument("--notifications", type=int, default=6_000, help="mails")
    parser.add_argument("--deliveries", type=int, default=3_000, help=f"requests of {HOOKS} webhooks")


def run(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Fill both queues one after the other, each for one worker with one process, and look what arrived and when."""
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
    broken = ("lost", "doubled", "strange")
    return figures | {"ok": not any(figures[f"{name}_{what}"] for name in ("mails", "webhooks") for what in broken)}


@dataclass(frozen=True)
class _Reading:
    """What had arrived at a moment, and the seconds of processor time until then."""

    at: float
    arrived: int
    worker: float
    sink: float
    database: float


def _send(installation: Installation, sink: Sink, wanted: set[str]) -> dict[str, Any]:
    """Let a worker send what waits, and compare that with the `wanted` names of what must arrive."""
    worker, database = installation.start("worker"), installation.stack.postgres.pid() or 0
    readings: list[_Reading] = []
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and (not readings or readings[-1].arrived < len(wanted)):
        time.sleep(0.2)
        times = (seconds_of(pid) for pid in (worker.pid, sink.process.pid, database))
        readings.append(_Reading(time.monotonic(), len(sink.arrivals()), *times))
    installation.end("worker")
    return _counted(sink, wanted) | _rates(readings, len(wanted))


def _counted(sink: Sink, wanted: set[str]) -> dict[str, int]:
    came = Counter(name for _, name in sink.arrivals())
    return {
        "sent": len(wanted & came.keys()),
        "lost": len(wanted - came.keys()),
        "doubled": sum(came.values()) - len(came),
        "strange": len(came.keys() - wanted),
    }


def _rates(readings: list[_Reading], count: int) -> dict[str, float]:
    """Return the figures of the time in which the worker was warm; nothing when it was over at a glance."""
    warm = [reading for reading in readings if reading.arrived >= WARM * count]
    sent = warm[-1].arrived - warm[0].arrived if warm else 0
    if not sent:
        return {}
    first, last = warm[0], warm[-1]
    worker = last.worker - first.worker
    found = {
        "per_second": sent / (last.at - first.at),
        "worker_cpu_ms": worker / sent * 1_000,
        "postgresql_cpu_ms": (last.database - first.database) / sent * 1_000,
        "receiver_cpu_ms": (last.sink - first.sink) / sent * 1_000,
    }
    if worker:
        found["per_second_of_worker_cpu"] = sent / worker
    return {name: round(value, 2) for name, value in found.items()}


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
