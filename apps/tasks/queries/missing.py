"""Why a task is missing: a member who asks for something in the trash learns where it is (contract H6)."""

from __future__ import annotations

from typing import Any

from apps.common.errors import NotFoundError
from apps.projects.missing import in_trash
from apps.projects.reach import of_member
from apps.tasks.models import Task


def task_in_trash(user: Any, task_id: int) -> NotFoundError | None:
    """Return that answer when the task or its project is in the trash and `user` is a member, else None."""
    found = Task.objects.filter(of_member(user, "project__"), pk=task_id)
    for of_project, of_task in found.values_list("project__trash_id", "trash_id"):
        if trash_id := of_project or of_task:
            return in_trash(trash_id)
    return None
