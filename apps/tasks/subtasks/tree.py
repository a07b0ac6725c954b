"""What is below a task: one recursive statement, depth first, siblings in their order."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

from django.db.models import BigIntegerField, BooleanField, Expression, F, Func, Value

from apps.common.sql.statements import bound, prepared
from apps.tasks.locking import locked_tasks
from apps.tasks.models import Task

MAX_DEPTH = 5  # levels below a root; contract ST3


class Below(StrEnum):
    """Which tasks a walk down enters; it does not look below one that it leaves out."""

    KEPT = "child.trash_id IS NULL"
    ACTIVE = "child.trash_id IS NULL AND child.archived_at IS NULL"
    # What the act that archived the task above archived as well
    ARCHIVED_ALONG = "child.trash_id IS NULL AND child.archive_batch = parent.archive_batch"
    # What went into the trash together with the task above
    TRASHED_ALONG = "child.trash_id = parent.trash_id"


class Node(NamedTuple):
    """A task in a tree; `depth` counts from the task that the walk began at."""

    id: int
    depth: int


ROLLUP = f"""
WITH RECURSIVE tree (id, depth) AS (
    SELECT %(root)s::bigint, 0
    UNION ALL
    SELECT child.id, tree.depth + 1 FROM tree JOIN tasks_task child ON child.parent_id = tree.id
    WHERE tree.depth < {MAX_DEPTH} AND {Below.ACTIVE}
)
SELECT
    count(*) FILTER (WHERE tree.depth > 0),
    count(*) FILTER (WHERE tree.depth > 0 AND task.status = 'done'),
    sum(task.duration)::bigint
FROM tree JOIN tasks_task task ON task.id = tree.id
"""  # noqa: S608 - fragments of ours


@cache
def _walk(which: Below) -> str:
    return f"""
WITH RECURSIVE tree (id, depth, path) AS (
    SELECT %(root)s::bigint, 0, ARRAY[]::text[] COLLATE "C"
    UNION ALL
    SELECT child.id, tree.depth + 1, tree.path || child.rank
    FROM tree
    JOIN tasks_task parent ON parent.id = tree.id
    JOIN tasks_task child ON child.parent_id = tree.id
    WHERE tree.depth < {MAX_DEPTH} AND {which}
)
SELECT id, depth FROM tree WHERE depth > 0 ORDER BY path LIMIT %(limit)s
"""  # noqa: S608 - fragments of ours


def nodes_below(task_id: int, which: Below, *, limit: int | None = None) -> list[Node]:
    """Return the tasks below a task, without itself, depth first; at most `limit` of them."""
    rows, _ = prepared(_walk(which), {"root": bound(task_id), "limit": limit})
    return [Node(*row) for row in rows]


def with_below(task_ids: Iterable[int], which: Below) -> set[int]:
    """Return those of the tasks that a walk down leads anywhere from."""
    text = (
        "SELECT DISTINCT parent.id FROM tasks_task parent JOIN tasks_task child ON child.parent_id = parent.id "  # noqa: S608 - fragments of ours
        f"WHERE parent.id = ANY(%(ids)s::bigint[]) AND {which}"
    )
    rows, _ = prepared(text, {"ids": bound(sorted(task_ids))})
    return {pk for (pk,) in rows}


def lock_below(task: Task, which: Below, *, limit: int | None = None) -> list[Task]:
    """Lock the tasks below the locked `task`, by ascending id, and return them in the order of the tree.

    Each has the project of `task` as its own.
    """
    ids = [node.id for node in nodes_below(task.pk, which, limit=limit)]
    if not ids:
        return []
    found = {row.pk: row for row in locked_tasks(ids)}
    for row in found.values():
        row.project = task.project
    return [found[pk] for pk in ids if pk in found]


class IsBelow(Func):
    """Holds for the tasks below the one with an id, at whatever depth, without itself."""

    conditional = True

    def __init__(self, task_id: int | Expression) -> None:
        value = task_id if isinstance(task_id, Expression) else Value(task_id, BigIntegerField())
        super().__init__(F("id"), value, output_field=BooleanField())

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        column, before = compiler.compile(self.source_expressions[0])
        root, after = compiler.compile(self.source_expressions[1])
        below = (
            f"WITH RECURSIVE below (id) AS (SELECT id FROM tasks_task WHERE parent_id = {root} "  # noqa: S608 - the compiler's own text
            "UNION SELECT child.id FROM below JOIN tasks_task child ON child.parent_id = below.id) SELECT id FROM below"
        )
        return f"{column} IN ({below})", [*before, *after]


def rollup(task_id: int) -> dict[str, int | None]:
    """Return `total` and `done` of what is below a task, and the `duration` in minutes of all with itself."""
    [(total, done, duration)], _ = prepared(ROLLUP, {"root": bound(task_id)})
    return {"total": total, "done": done, "duration": duration}


def height_of(nodes: Iterable[Node]) -> int:
    """Return how many levels a tree has below its root."""
    return max((node.depth for node in nodes), default=0)
