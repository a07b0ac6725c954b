"""The table of overview section 8: which check proves which cell."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from apps.notifications.models import Notification
from apps.projects.models import Activity, Project
from apps.webhooks.delivering.claims import due_ids
from apps.webhooks.fan_out import fan_out
from apps.webhooks.models import Delivery
from config.tests.acts.acts import Act
from config.tests.acts.scene import Scene

Check = Callable[[Scene], None]

CAPABILITIES = (
    "comments",
    "labels",
    "sub-tasks",
    "relations",
    "watches",
    "rank",
    "files",
    "views",
    "webhooks",
    "events",
)
CELLS: dict[Act, dict[str, Check]] = {}


def cell(act: Act, *capabilities: str) -> Callable[[Check], Check]:
    """Say that the check proves these cells of the act's line."""

    def register(check: Check) -> Check:
        assert set(capabilities) <= set(CAPABILITIES)
        line = CELLS.setdefault(act, {})
        assert not line.keys() & set(capabilities), "a cell has one check"
        line.update(dict.fromkeys(capabilities, check))
        return check

    return register


def events_of(scene: Scene, project: Project) -> list[tuple[str, Any]]:
    """Return (type, id of the object) of what the act wrote in a project, in order."""
    rows = Activity.objects.filter(project=project, seq__gt=scene.seq[project.pk]).order_by("seq")
    return list(rows.values_list("type", "object_id"))


def sent_by_webhooks(scene: Scene, project: Project) -> list[tuple[str, Any]]:
    """Return (type, id of the object) of what the webhook of a project sends of the act, in order."""
    fan_out()
    rows = Delivery.objects.filter(project=project, activity__seq__gt=scene.seq[project.pk]).order_by("activity__seq")
    return list(rows.values_list("type", "activity__object_id"))


def due() -> list[str]:
    """Return the types of the deliveries that may go out."""
    fan_out()
    return sorted(Delivery.objects.filter(pk__in=due_ids(limit=50, busy={})).values_list("type", flat=True))


def mentions(scene: Scene) -> int:
    return Notification.objects.filter(recipient=scene.mia, kind="task_mentioned").count()


def relations_of(scene: Scene, name: str) -> list[Any]:
    """Return the keys of the far ends that a task shows, by their id, with None for one that is not visible."""
    found = scene.get(scene.path(name, "relations"))["results"]
    return [relation["task"].get("key") for relation in sorted(found, key=lambda relation: relation["id"])]
