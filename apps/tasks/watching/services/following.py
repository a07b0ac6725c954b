"""Watch rows that come and go with what people do: comments, mentions, moves (contract WA1, WA7)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from apps.common.sql.statements import bound, prepared
from apps.tasks.models import WatchReason

# Whoever has a level of their own keeps it, and who muted the project gets none. `followers` are its values.
FOLLOW = """
INSERT INTO tasks_watch (user_id, project_id, task_id, level, reason, created_at)
SELECT member.user_id, task.project_id, task.id, 'all', given.reason, now()
FROM unnest(%(followers)s::bigint[], %(reasons)s::text[]) AS given (user_id, reason)
JOIN tasks_task task ON task.id = %(task)s::bigint
JOIN projects_membership member ON member.project_id = task.project_id AND member.user_id = given.user_id
WHERE NOT EXISTS (
    SELECT FROM tasks_watch general
    WHERE general.user_id = member.user_id AND general.project_id = task.project_id AND general.task_id IS NULL
        AND general.level = 'muted'
)
ORDER BY member.user_id
ON CONFLICT (user_id, task_id) WHERE task_id IS NOT NULL DO NOTHING
"""
KEEP_MEMBERS = """
DELETE FROM tasks_watch watch
WHERE watch.task_id = ANY(%s::bigint[]) AND NOT EXISTS (
    SELECT FROM projects_membership member
    WHERE member.project_id = watch.project_id AND member.user_id = watch.user_id
)
"""


def follow(task_id: int, people: Mapping[int, WatchReason]) -> None:
    """Have people watch a task for the reason given, unless they have chosen otherwise; its project is locked."""
    if people:
        prepared(FOLLOW, followers(task_id, people))


def followers(task_id: int, people: Mapping[int, WatchReason]) -> dict[str, Any]:
    """Return the values of FOLLOW, for a statement that has it as one of its parts."""
    ids = sorted(people)
    return {"followers": bound(ids), "reasons": bound([people[pk].value for pk in ids]), "task": bound(task_id)}


def keep_members(task_ids: Iterable[int]) -> None:
    """Delete the levels of those who are no members where the tasks, just moved, are now."""
    prepared(KEEP_MEMBERS, [bound(sorted(task_ids))])
