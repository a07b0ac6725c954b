"""What the tests of tasks have in common."""

from __future__ import annotations

from typing import Any

from apps.notifications.models import Notification
from apps.projects.models import Activity, Project
from apps.tasks.models import Task

ROLES = ["owner", "admin", "member", "viewer", "outsider"]


def kinds_and_recipients() -> set[tuple[str, str]]:
    """Return (kind, username) of everything in the outbox."""
    return set(Notification.objects.values_list("kind", "recipient__username"))


def snapshot() -> dict[str, list[Any]]:
    """Return everything a write to tasks may change, to show that a rejection left nothing behind."""
    return {
        "tasks": list(Task.objects.order_by("pk").values()),
        "projects": list(Project.objects.order_by("pk").values()),
        "history": list(Activity.objects.order_by("pk").values()),
        "ledger": list(Notification.objects.order_by("pk").values()),
    }


def counts(project: Project) -> tuple[int, int, int]:
    """Return (last number, tasks, open tasks) as the project has them."""
    project.refresh_from_db()
    return project.last_task_number, project.tasks_count, project.open_tasks_count
