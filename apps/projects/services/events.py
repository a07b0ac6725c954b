"""The event log: every committed change in a project is an event, numbered without gaps (contract E1 to E3).

`last_seq` of the project is raised by the statement that inserts the events. Its row lock lasts until the commit, so
within a project the order of numbers is the order of commits, and who sees event n sees every event below n.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import F

from apps.batches.context import current_batch
from apps.common.background.purging import purge
from apps.common.dates.instants import utc
from apps.common.monitoring.metrics import events_total
from apps.common.monitoring.request_id import current_request_id
from apps.common.origin import current_door
from apps.common.sql.statements import bound, instance, prepared
from apps.projects.events import UNLISTED, EventType
from apps.projects.models import Activity
from apps.projects.services.readers import wake_readers, without_needed
from apps.projects.verbs import VERBS

Changes = Mapping[str, tuple[Any, Any]]

# `clock_timestamp()` is read after the project's row is locked: times rise with the numbers.
INSERT = """
WITH {tables}numbered AS (
    UPDATE projects_project SET last_seq = last_seq + jsonb_array_length(%(events)s::jsonb),
        open_tasks_count = open_tasks_count + %(open_tasks)s
    WHERE id = %(project_id)s
    RETURNING last_seq
)
INSERT INTO projects_activity (
    project_id, seq, event_id, type, verb, object_type, object_id, object_ids, version, task_id, task_key, changes,
    actor_id, origin, token_id, batch_id, request_id, created_at, published_at
)
SELECT
    %(project_id)s, numbered.last_seq - jsonb_array_length(%(events)s::jsonb) + event.position,
    taskhouse_uuid7(clock_timestamp()), event.type, event.verb, event.object_type, {object_id},
    CASE WHEN event.object_ids IS NULL THEN NULL
        ELSE ARRAY(SELECT jsonb_array_elements_text(event.object_ids)::bigint) END,
    event.version, event.task_id, event.task_key, event.changes,
    %(actor_id)s::bigint, %(origin)s::text, %(token_id)s::bigint, %(batch_id)s::uuid, %(request_id)s::text,
    clock_timestamp(),
    CASE WHEN %(to_publish)s::boolean THEN NULL ELSE clock_timestamp() END
FROM numbered, jsonb_to_recordset(%(events)s::jsonb) AS event (
    position integer, type text, verb text, object_type text, object_id bigint, object_ids jsonb, version bigint,
    task_id bigint, task_key text, changes jsonb
)
ORDER BY event.position
RETURNING id, seq, event_id, object_id, created_at
"""
WRITTEN = ("id", "seq", "event_id", "object_id", "created_at")  # what it returns


@dataclass(frozen=True)
class CommonTables:
    """Common table expressions that write rows in the statement of their event, to save a statement.

    `text` is `name AS (…), …`, without WITH; `values` are its parameters by name. With `makes_object` the expression
    `made` inserts the object of the event and returns its `id`.
    """

    text: str
    values: Mapping[str, Any]
    makes_object: bool = False


@dataclass(frozen=True, kw_only=True)
class Event:
    """What happened to one object, or to all of `object_ids` in the same way.

    `changes` maps a field to its (old, new) values: JSON values, instants, ids of people; never text of comments or
    secrets. `task_id` and `task_key` name the task it belongs to; for a type `task.…` that task is the object.
    `verb` is the history's word where it is more exact than the type's. `version` is the object's after the event.
    """

    type: EventType
    changes: Changes = field(default_factory=dict)
    verb: str = ""
    object_id: int | None = None
    object_ids: Sequence[int] | None = None
    version: int | None = None
    task_id: int | None = None
    task_key: str = ""

    def as_row(self, position: int) -> dict[str, Any]:
        """Return the columns of the event as JSON values; ValueError for a verb that clients do not know."""
        verb = self.verb or self.type.verb
        if self.type not in UNLISTED and verb not in VERBS:
            raise ValueError(f"{verb!r} is no verb of the history: list it in apps/projects/verbs.py.")
        object_id = self.object_id
        if object_id is None and self.type.object_type == "task":
            object_id = self.task_id
        return {
            "position": position,
            "type": self.type.value,
            "verb": verb,
            "object_type": self.type.object_type,
            "object_id": object_id,
            "object_ids": None if self.object_ids is None else list(self.object_ids),
            "version": self.version,
            "task_id": self.task_id,
            "task_key": self.task_key,
            "changes": {name: {"from": plain(old), "to": plain(new)} for name, (old, new) in self.changes.items()},
        }


def record_event(
    project_id: int,
    event: Event,
    *,
    actor_id: int | None,
    batch_id: UUID | None = None,
    beside: CommonTables | None = None,
) -> Activity:
    """Write one event, see `record_events`."""
    return record_events(project_id, [event], actor_id=actor_id, batch_id=batch_id, beside=beside)[0]


def record_events(
    project_id: int,
    events: Iterable[Event],
    *,
    actor_id: int | None,
    batch_id: UUID | None = None,
    beside: CommonTables | None = None,
    open_tasks: int = 0,
) -> list[Activity]:
    """Write events of one act in one project, in the transaction of the change; return them with their numbers.

    They get the next numbers of the project, in the given order. `batch_id` joins the events of an act on several
    objects, or of one that can be undone; inside a batch all have that one's. Origin, token and request id are those of
    the running request. `beside` is written with them, and `open_tasks` added to what the project counts.
    """
    rows = [event.as_row(position) for position, event in enumerate(events, 1)]
    if not rows:
        if beside or open_tasks:
            raise ValueError("What is written beside events needs an event.")
        return []
    door, batch = current_door(), current_batch()
    columns = {
        "project_id": project_id,
        "actor_id": actor_id,
        "origin": door.origin.value,
        "token_id": door.token_id,
        "batch_id": batch.id if batch else batch_id,
        "request_id": current_request_id(),
    }
    to_publish = settings.EVENT_SINK != "none"
    parameters = {**columns, "events": json.dumps(rows), "to_publish": to_publish, "open_tasks": open_tasks}
    written = _write(parameters, beside)
    recorded = [_recorded({**columns, **row}, made) for row, made in zip(rows, written, strict=True)]
    if batch:
        batch.events += recorded
    wake_readers()
    _count([row["type"] for row in rows], origin=door.origin.value)
    return recorded


def _write(parameters: Mapping[str, Any], beside: CommonTables | None) -> list[tuple[Any, ...]]:
    """Write the events, and what is written beside them; return WRITTEN of each."""
    values = {name: bound(value) for name, value in parameters.items()}
    if beside is None:
        return prepared(_insertion("", False), values)[0]
    return prepared(_insertion(beside.text, beside.makes_object), {**beside.values, **values})[0]


@cache
def _insertion(tables: str, makes_object: bool) -> str:
    object_id = "(SELECT id FROM made)" if makes_object else "event.object_id"
    return INSERT.format(tables=f"{tables}, " if tables else "", object_id=object_id)


def _count(types: Iterable[str], *, origin: str) -> None:
    """Count the events in the numbers of this process, once they are committed."""
    written = Counter(types)

    def count() -> None:
        for name, number in written.items():
            events_total.labels(name, origin).inc(number)

    transaction.on_commit(count, robust=True)


def _recorded(columns: dict[str, Any], made: Sequence[Any]) -> Activity:
    columns.update(zip(WRITTEN, made, strict=True))
    del columns["position"]
    return instance(Activity, list(columns), list(columns.values()))


def plain(value: Any) -> Any:
    """Return a field's value as `changes` hold it."""
    if isinstance(value, datetime):
        return utc(value)
    return value.isoformat() if isinstance(value, date) else value


def purge_activity(*, now: datetime) -> int:
    """Delete events older than ACTIVITY_RETENTION_DAYS (0 keeps all) in batches; return how many.

    A project's newest event stays, and so does one that a reader, such as the relay or a webhook, still needs (contract
    E8), with those behind it: what is kept of a log has no gap.
    """
    if not settings.ACTIVITY_RETENTION_DAYS:
        return 0
    oldest = now - timedelta(days=settings.ACTIVITY_RETENTION_DAYS)
    old = Activity.objects.filter(created_at__lt=oldest, seq__lt=F("project__last_seq"))
    return purge(without_needed(old).order_by("created_at"))
