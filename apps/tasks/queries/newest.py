"""A person's newest tasks as log lines, for `print_tasks` and the optional Beat entry."""

from __future__ import annotations

import logging

from django.db.models import Q

from apps.tasks.models import Task
from apps.users.models import User

logger = logging.getLogger(__name__)

LIMIT = 4


def log_newest(*, user_id: int, limit: int = LIMIT) -> None:
    """Log the `limit` newest tasks that the person has or made, newest first; one line each.

    Raises User.DoesNotExist when there is no such person.
    """
    user = User.objects.get(pk=user_id)
    mine = Task.objects.visible_to(user).active().filter(Q(assigned_to=user) | Q(created_by=user))
    tasks = list(mine.select_related("project").order_by("-created_at", "-pk")[:limit])
    logger.info("%s: %d newest tasks", user.username, len(tasks))
    for task in tasks:
        due = f", due {task.due_date:%Y-%m-%d %H:%M} UTC" if task.due_date else ""
        logger.info("%s %s [%s, %s%s]", task.key, one_line(task.title), task.status, task.priority, due)


def one_line(text: str) -> str:
    """Return the text without what could forge or break a log line."""
    return "".join(character if character.isprintable() else " " for character in text)
