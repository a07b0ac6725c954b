"""What the world outside gets to know of an event: the `data` of the event feed, the relay and webhooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from apps.projects.models import Activity
from apps.users.people import people


def event_data(events: Sequence[Activity], *, project_keys: Mapping[int, str]) -> list[dict[str, Any]]:
    """Return the `data` of each event (contract WH3 and FE1), with one query for the people.

    The feed and the relay send it as it is. A webhook adds the object under its type's name, and sets `left_filter`
    and `truncated` where they are true; its `thin` payload leaves `actor` and `changes` out. Nothing in it is about
    another project than the event's. `project_keys` holds the present key of every project of the events.
    """
    actors = people(event.actor_id for event in events if event.actor_id is not None)
    return [_data(event, key=project_keys[event.project_id], actor=actors.get(event.actor_id or 0)) for event in events]


def _data(event: Activity, *, key: str, actor: Mapping[str, Any] | None) -> dict[str, Any]:
    return {
        "project": {"id": event.project_id, "key": key},
        "seq": event.seq,
        "batch_id": None if event.batch_id is None else str(event.batch_id),
        "actor": actor,
        "origin": event.origin,
        "object": {
            "type": event.object_type,
            "id": event.object_id,
            "key": _object_key(event, project_key=key),
            "version": event.version,
        },
        "object_ids": event.object_ids,
        "changes": event.changes,
        "left_filter": False,
        "truncated": False,
    }


def _object_key(event: Activity, *, project_key: str) -> str | None:
    """Return the key of a task as it was at the event, or that of the project; other objects have none."""
    if event.object_type == "task":
        return event.task_key or None
    return project_key if event.object_type == "project" else None
