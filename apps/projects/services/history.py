"""What happened in a project: written in the transaction of the change, purged after the retention."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings

from apps.common.monitoring.request_id import current_request_id
from apps.common.purging import purge
from apps.common.sql.writes import insert
from apps.projects.models import Activity
from apps.projects.verbs import VERBS

Changes = Mapping[str, tuple[Any, Any]]


def record_activity(
    *,
    project_id: int,
    actor_id: int | None,
    verb: str,
    changes: Changes,
    task_id: int | None = None,
    task_key: str = "",
) -> Activity:
    """Write one entry of the project's history.

    `changes` maps a field to its (old, new) values: JSON values, instants, or ids of people.
    Raises ValueError for a verb that `apps.projects.verbs` does not list.
    """
    if verb not in VERBS:
        raise ValueError(f"{verb!r} is no verb of the history: list it in apps/projects/verbs.py.")
    entry = Activity(
        project_id=project_id,
        actor_id=actor_id,
        verb=verb,
        changes={name: {"from": _plain(old), "to": _plain(new)} for name, (old, new) in changes.items()},
        task_id=task_id,
        task_key=task_key,
        request_id=current_request_id(),
    )
    insert(entry)
    return entry


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat().replace("+00:00", "Z")
    return value


def purge_activity(*, now: datetime) -> int:
    """Delete entries older than ACTIVITY_RETENTION_DAYS (0 keeps all) in batches; return how many."""
    if not settings.ACTIVITY_RETENTION_DAYS:
        return 0
    oldest = now - timedelta(days=settings.ACTIVITY_RETENTION_DAYS)
    return purge(Activity.objects.filter(created_at__lt=oldest).order_by("created_at"))
