"""The fixed cast's answers, as a table for `parametrize`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from apps.notifications.models import Notification
from apps.projects.models import Activity, Project


def answers(**statuses: int) -> pytest.MarkDecorator:
    """Return the table (`who`, `status`): one row per member of the cast; staff and outsiders see nothing."""
    table = {"outsider": 404, "staff": 404} | statuses
    return pytest.mark.parametrize(("who", "status"), list(table.items()))


def history(project: Project) -> list[tuple[str, dict[str, Any]]]:
    """Return (verb, changes) of the project's history, oldest first."""
    return list(Activity.objects.filter(project=project).order_by("id").values_list("verb", "changes"))


def unchanged(project: Project) -> Callable[[], bool]:
    """Return a check that neither the project's row, its members, history nor outbox have moved since now."""
    before = _state(project)
    return lambda: _state(project) == before


def _state(project: Project) -> list[Any]:
    return [
        list(Project.objects.filter(pk=project.pk).values()),
        list(project.memberships.order_by("pk").values()),
        history(project),
        Notification.objects.filter(project_id=project.pk).count(),
    ]
