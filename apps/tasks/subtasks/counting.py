"""`subtasks` of a task: its direct children that are neither archived nor in the trash (contract ST13)."""

from __future__ import annotations

import json
from collections.abc import Iterable

from apps.common.sql.statements import prepared

# Counted anew instead of added to: whatever an act did with the children, the result is right. The ids are JSON: of an
# array PostgreSQL sees the length, and plans each time anew.
RECOUNT = """
UPDATE tasks_task parent SET subtasks_total = found.total, subtasks_done = found.done
FROM (
    SELECT wanted.id, count(child.id) AS total, count(child.id) FILTER (WHERE child.status = 'done') AS done
    FROM (SELECT id::bigint FROM jsonb_array_elements_text(%(ids)s::jsonb) AS given (id)) wanted
    LEFT JOIN tasks_task child
        ON child.parent_id = wanted.id AND child.trash_id IS NULL AND child.archived_at IS NULL
    GROUP BY wanted.id
) found
WHERE parent.id = found.id
    AND (parent.subtasks_total, parent.subtasks_done) IS DISTINCT FROM (found.total, found.done)
"""


def recount_subtasks(parents: Iterable[int | None]) -> None:
    """Count the children of these tasks (ids; None is nobody) anew; the caller has locked their project."""
    ids = sorted({parent for parent in parents if parent is not None})
    if ids:
        prepared(RECOUNT, {"ids": json.dumps(ids)})
