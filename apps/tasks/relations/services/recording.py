"""The events of a relation: one in each end's project, with its own side only (contract DE9)."""

from __future__ import annotations

from typing import Any

from apps.projects.events import EventType
from apps.projects.services import Event, record_event
from apps.tasks.models import Relation, RelationKind, Task
from apps.tasks.relations.kinds import Link
from apps.tasks.relations.services.locking import Ends
from apps.users.models import User


def record(relation: Relation, ends: Ends, event_type: EventType, *, actor: User) -> None:
    """Write the events of a relation that was made or removed. Across projects, neither names the other end."""
    sides = [(ends.here, ends.there)]
    if not ends.is_in_one_project:
        sides.append((ends.there, ends.here))
    for task, other in sorted(sides, key=lambda side: side[0].project_id):
        record_event(task.project_id, event_of(relation, task, other, event_type), actor_id=actor.pk)


def event_of(relation: Relation, task: Task, other: Task, event_type: EventType) -> Event:
    """Return the event of a relation that was made or removed, in the project of `task`, one of its ends."""
    return Event(
        type=event_type,
        object_id=relation.pk,
        task_id=task.pk,
        task_key=task.key,
        changes={"relation": _change(relation, task, other, event_type)},
    )


def _change(relation: Relation, task: Task, other: Task, event_type: EventType) -> tuple[Any, Any]:
    link = Link(RelationKind(relation.kind), relation.from_task_id, relation.to_task_id)
    shown = {"id": other.pk, "key": other.key} if other.project_id == task.project_id else None
    side = {"kind": link.seen_from(task.pk), "task": shown}
    return (None, side) if event_type is EventType.RELATION_CREATED else (side, None)
