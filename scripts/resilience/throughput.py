"""How many mails a second one worker process hands to a mail server on this machine."""

from __future__ import annotations

import argparse
import statistics
from datetime import datetime
from pathlib import Path
from typing import Any

from scripts.resilience.installation import Installation
from scripts.resilience.tally import tally, wait_for_calm
from scripts.resilience.traffic import Accounts, make_cast


def arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options."""
    parser.add_argument("--notifications", type=int, default=6_000)


def run(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Fill the outbox, start one worker with one process, and look when each mail arrived."""
    with Installation(folder, settings={"LOG_LEVEL": "WARNING"}) as installation:
        installation.open_django()
        enter(make_cast(""), options.notifications)
        installation.start("worker")
        waited = wait_for_calm(seconds=300)
        figures = tally(installation)
        arrivals = sorted(datetime.fromisoformat(mail.at).timestamp() for mail in installation.mail.accepted())
        span = arrivals[-1] - arrivals[0] if len(arrivals) > 1 else 0.0
        seconds = [arrivals[i + 100] - arrivals[i] for i in range(0, len(arrivals) - 100, 100)]
        return figures.as_dict() | {
            "per_second": round(len(arrivals) / span) if span else 0,
            "per_second_at_worst": round(100 / max(seconds)) if seconds else 0,
            "per_second_median": round(100 / statistics.median(seconds)) if seconds else 0,
            "ok": waited is not None and figures.lost == 0 and figures.doubled == 0,
        }


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
