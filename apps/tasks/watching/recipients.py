"""Who is notified of what: one ordered judgement for every event about a task (contract WA3).

The statement is the only place that decides it. Whatever the number of events and people, it is asked once, by the
statement that enters the rows.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

from apps.notifications.kinds import Kind
from apps.projects.events import EventType
from apps.projects.models import Activity
from apps.tasks import messages as task_messages
from apps.tasks.fields import is_silent
from apps.tasks.watching import messages

# What does not fit into a notification is shortened; the history has it all.
NOTICE_LENGTH = 300

KINDS: tuple[type[Kind], ...] = (
    task_messages.TaskAssigned,
    task_messages.TaskUnassigned,
    task_messages.TaskCreated,
    task_messages.TaskUpdated,
    task_messages.TaskStatusChanged,
    messages.TaskMentioned,
    messages.TaskUnblocked,
    messages.CommentAdded,
)
CHANGES = frozenset(
    {EventType.TASK_UPDATED, EventType.TASK_MOVED_IN, EventType.TASK_ARCHIVED, EventType.TASK_UNARCHIVED}
)
COMMENTS = frozenset({EventType.COMMENT_CREATED, EventType.COMMENT_UPDATED})

# Candidates first, each once; then who of them is a member where the task is now, and the first line of WA3 that
# applies. Inactive people are left out where the rows are entered.
JUDGED = """
SELECT act.position, act.event, task.id AS task_id, task.project_id, member.user_id, line.kind, act.data,
    CASE WHEN act.acted_in IS NULL OR EXISTS (
        SELECT FROM projects_membership other WHERE other.project_id = act.acted_in AND other.user_id = member.user_id
    ) THEN %(actor)s::bigint END AS actor_id
FROM jsonb_to_recordset(%(acts)s::jsonb) AS act (
    position integer, event text, task bigint, kind text, gained bigint, lost bigint, mentioned bigint[],
    is_unblocked boolean, acted_in bigint, data jsonb
)
JOIN tasks_task task ON task.id = act.task
CROSS JOIN LATERAL (
    SELECT act.gained
    UNION SELECT act.lost
    UNION SELECT unnest(act.mentioned)
    UNION SELECT task.assigned_to_id
    UNION SELECT task.created_by_id
    UNION SELECT own.user_id FROM tasks_watch own WHERE own.task_id = task.id AND own.level = 'all'
    UNION SELECT general.user_id FROM tasks_watch general
    WHERE general.project_id = task.project_id AND general.task_id IS NULL AND general.level = 'all'
    UNION SELECT manager.user_id FROM projects_membership manager
    WHERE act.kind = 'task_created' AND manager.project_id = task.project_id AND manager.role IN ('owner', 'admin')
) AS candidate (user_id)
JOIN projects_membership member ON member.project_id = task.project_id AND member.user_id = candidate.user_id
LEFT JOIN tasks_watch own ON own.user_id = member.user_id AND own.task_id = task.id
LEFT JOIN tasks_watch general
    ON general.user_id = member.user_id AND general.project_id = task.project_id AND general.task_id IS NULL
CROSS JOIN LATERAL (
    SELECT task.assigned_to_id = member.user_id OR task.created_by_id = member.user_id AS is_theirs
) AS person
CROSS JOIN LATERAL (
    SELECT CASE
        WHEN member.user_id = act.gained THEN 'task_assigned'
        WHEN member.user_id = act.lost THEN 'task_unassigned'
        WHEN coalesce(own.level, general.level) = 'muted' THEN NULL
        WHEN member.user_id = ANY(act.mentioned) THEN 'task_mentioned'
        WHEN act.is_unblocked AND member.user_id = coalesce(task.assigned_to_id, task.created_by_id) THEN
            'task_unblocked'
        WHEN own.level = 'none' THEN NULL
        WHEN act.kind = 'task_created' THEN
            CASE WHEN general.level = 'all' OR member.role IN ('owner', 'admin') THEN act.kind END
        WHEN own.level = 'all' OR person.is_theirs OR general.level = 'all' THEN act.kind
    END AS kind
) AS line
WHERE line.kind IS NOT NULL AND member.user_id IS DISTINCT FROM %(actor)s::bigint
"""

# A row for each event, task and person (N1)
SINGLY = f"""
SELECT judged.kind, judged.user_id, 'event:' || judged.event || ':' || judged.task_id || ':' || judged.user_id,
    judged.actor_id, judged.project_id, judged.task_id, judged.data
FROM ({JUDGED}) AS judged
"""  # noqa: S608 - a text of ours

# One row for each person, with the number of their tasks and the first of them (N2)
TOGETHER = f"""
SELECT 'tasks_changed', own.user_id, 'event:' || %(batch)s::text || ':0:' || own.user_id, %(actor)s::bigint,
    CASE WHEN min(own.project_id) = max(own.project_id) THEN min(own.project_id) END, NULL::bigint,
    jsonb_build_object(
        'action', %(action)s::text, 'count', count(*),
        'tasks', to_jsonb(
            (array_agg(jsonb_build_array(own.task_id, own.kind) ORDER BY own.position))[:{messages.LISTED}]
        )
    )
FROM (
    SELECT DISTINCT ON (judged.user_id, judged.task_id) judged.*
    FROM ({JUDGED}) AS judged
    ORDER BY judged.user_id, judged.task_id, judged.position
) AS own
GROUP BY own.user_id
"""  # noqa: S608 - a text of ours


@dataclass(frozen=True)
class Act:
    """What an event means to people: see the columns of JUDGED.

    `kind` is what watchers are sent, None when it concerns nobody but those who are named here. `acted_in` is the
    project of the act where it may be another than the task's: its members alone learn who acted.
    """

    event: str
    task: int
    kind: type[Kind] | None = None
    gained: int | None = None
    lost: int | None = None
    mentioned: Collection[int] = ()
    is_unblocked: bool = False
    acted_in: int | None = None
    data: dict[str, Any] = field(default_factory=dict)

    def as_row(self, position: int) -> dict[str, Any]:
        """Return it as JSON values."""
        return {
            "position": position,
            "event": self.event,
            "task": self.task,
            "kind": self.kind.name if self.kind else None,
            "gained": self.gained,
            "lost": self.lost,
            "mentioned": sorted(self.mentioned),
            "is_unblocked": self.is_unblocked,
            "acted_in": self.acted_in,
            "data": self.data,
        }


def act_of(event: Activity, *, mentioned: Collection[int] = ()) -> Act | None:
    """Return what an event means to people, None when it concerns nobody (WA4).

    `mentioned` are those who were never named before in the text that it changed.
    """
    if event.task_id is None:
        return None
    changes = event.changes
    kind: type[Kind] | None = None
    data: dict[str, Any] = {"changes": {}}
    if event.type in COMMENTS:
        kind = messages.CommentAdded if event.type == EventType.COMMENT_CREATED else None
        data = {"comment": event.object_id}
        if kind is None and not mentioned:
            return None
    elif event.type == EventType.TASK_CREATED:
        kind = task_messages.TaskCreated
    elif event.type in CHANGES and not is_silent(changes):
        kind = task_messages.TaskStatusChanged if set(changes) == {"status"} else task_messages.TaskUpdated
        data = {"changes": _shortened(changes)}
    else:
        return None
    assigned = changes.get("assigned_to", {})
    return Act(
        event=str(event.event_id),
        task=event.task_id,
        kind=kind,
        gained=assigned.get("to"),
        lost=assigned.get("from"),
        mentioned=mentioned,
        data=data,
    )


def rows_of(acts: Iterable[Act]) -> list[dict[str, Any]]:
    """Return the acts as JUDGED takes them, in their order."""
    return [act.as_row(position) for position, act in enumerate(acts, 1)]


def _shortened(changes: dict[str, Any]) -> dict[str, Any]:
    return {name: {side: _short(value) for side, value in change.items()} for name, change in changes.items()}


def _short(value: Any) -> Any:
    if isinstance(value, str) and len(value) > NOTICE_LENGTH:
        return value[: NOTICE_LENGTH - 1] + "…"
    return value
