"""What the tests of watching have in common."""

from __future__ import annotations

from typing import Any

from apps.notifications.models import Notification
from apps.projects.models import Project
from apps.tasks.models import Task, Watch
from apps.users.models import User


def watch(user: User, task: Task, level: str = "all", **fields: Any) -> Watch:
    """Give a person a level of a task, as if they had chosen it."""
    return Watch.objects.create(
        **{"user": user, "project": task.project, "task": task, "level": level, "reason": "self"} | fields
    )


def watch_project(user: User, project: Project, level: str) -> Watch:
    """Give a person a level of a project."""
    return Watch.objects.create(user=user, project=project, level=level, reason="self")


def rows_for(user: User) -> list[str]:
    """Return the kinds of what a person was notified, oldest first."""
    return list(Notification.objects.filter(recipient=user).order_by("pk").values_list("kind", flat=True))


def level_of(user: User, task: Task) -> tuple[str, str] | None:
    """Return (level, reason) of a person's row, None without one."""
    return Watch.objects.filter(user=user, task=task).values_list("level", "reason").first()
