"""Many comments at once, as they were elsewhere: the door of imports (contract IM2, IM4, IM9)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from apps.common.dates.instants import utc
from apps.common.sql.statements import prepared
from apps.projects.events import EventType
from apps.projects.models import Project
from apps.projects.services import Event, record_events
from apps.tasks.models import Task

# Texts are bound by the server: no statement in its log ever shows one (contract C7).
INSERT = """
INSERT INTO tasks_comment (task_id, project_id, author_id, body, created_at, edited_at, version, edits_count)
SELECT given.task_id, %(project)s::bigint, given.author_id, given.body, given.created_at, given.edited_at,
    given.former + 1, given.former
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (
    position integer, task_id bigint, author_id bigint, body text, created_at timestamptz, edited_at timestamptz,
    former integer
)
ORDER BY given.position
RETURNING id
"""
KEEP_TEXTS = """
INSERT INTO tasks_commentversion (comment_id, number, body, written_at)
SELECT given.comment_id, given.number, given.body, given.written_at
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (comment_id bigint, number integer, body text, written_at timestamptz)
"""
COUNT = """
UPDATE tasks_task task SET comments_count = comments_count + given.total
FROM jsonb_to_recordset(%(rows)s::jsonb) AS given (id bigint, total integer) WHERE task.id = given.id
"""


@dataclass(frozen=True, kw_only=True)
class ImportedComment:
    """A comment as it is to be inserted; `former` are its earlier texts with the instants when they were written."""

    task: Task
    author_id: int
    body: str
    created_at: datetime
    edited_at: datetime | None = None
    former: Sequence[tuple[str, datetime]] = ()


def import_comments(project: Project, comments: Sequence[ImportedComment], *, actor_id: int) -> None:
    """Insert comments on tasks of the locked project in their order, with counts and one event each.

    The caller has judged the rights and the texts; nobody is mentioned, made a watcher or notified.
    """
    if not comments:
        return
    rows = [_row(position, comment) for position, comment in enumerate(comments)]
    inserted, _ = prepared(INSERT, {"project": project.pk, "rows": json.dumps(rows)})
    ids = sorted(pk for (pk,) in inserted)
    kept = [
        {"comment_id": pk, "number": number, "body": body, "written_at": utc(written_at)}
        for pk, comment in zip(ids, comments, strict=True)
        for number, (body, written_at) in enumerate(comment.former, 1)
    ]
    if kept:
        prepared(KEEP_TEXTS, {"rows": json.dumps(kept)})
    totals = Counter(comment.task.pk for comment in comments)
    prepared(COUNT, {"rows": json.dumps([{"id": pk, "total": total} for pk, total in totals.items()])})
    events = [
        Event(
            type=EventType.COMMENT_CREATED,
            object_id=pk,
            version=len(comment.former) + 1,
            task_id=comment.task.pk,
            task_key=comment.task.key,
        )
        for pk, comment in zip(ids, comments, strict=True)
    ]
    record_events(project.pk, events, actor_id=actor_id)


def _row(position: int, comment: ImportedComment) -> dict[str, Any]:
    return {
        "position": position,
        "task_id": comment.task.pk,
        "author_id": comment.author_id,
        "body": comment.body,
        "created_at": utc(comment.created_at),
        "edited_at": utc(comment.edited_at) if comment.edited_at else None,
        "former": len(comment.former),
    }
