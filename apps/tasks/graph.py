"""Which task is finished before which: one graph over all projects, and it has no circle (contract DE5, ST4).

A new edge between two existing tasks is checked and written under `lock_graph`, so that two writers cannot close a
circle together. A task that is just being created needs no lock: no edge leads to it yet (ST6).
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from django.db import connection

from apps.common.errors import ConflictError
from apps.common.sql.statements import bound, prepared
from apps.tasks.locking import Authority
from apps.tasks.models import Task, task_key

MAX_VISITED = 10_000  # tasks; contract DE5
GRAPH_LOCK = "SELECT pg_advisory_xact_lock(hashtext('taskhouse.graph'))"
# The edges that leave `node.id`, as rows (earlier, later): `earlier` is finished before `later`.
# A child is finished before its parent, a blocker before what it blocks. Archived, done and trashed tasks count.
EDGES = """
SELECT task.id AS earlier, task.parent_id AS later FROM tasks_task task
WHERE task.id = node.id AND task.parent_id IS NOT NULL
UNION ALL
SELECT relation.from_id, relation.to_id FROM tasks_relation relation
WHERE relation.from_id = node.id AND relation.kind = 'blocks'
"""
# PostgreSQL makes no more rows of a recursive query than its reader fetches (manual, section 7.8.2.1)
REACHED = f"""
WITH RECURSIVE node (id) AS (
    SELECT %(start)s::bigint
    UNION
    SELECT edge.later FROM node CROSS JOIN LATERAL ({EDGES}) edge
)
SELECT id FROM node LIMIT {MAX_VISITED + 1}
"""  # noqa: S608 - a fragment and a number of ours
AMONG = f"""
SELECT edge.earlier, edge.later FROM unnest(%(ids)s::bigint[]) node (id) CROSS JOIN LATERAL ({EDGES}) edge
ORDER BY edge.earlier, edge.later
"""  # noqa: S608 - as above


def lock_graph() -> None:
    """Wait until no other transaction adds edges, and keep them out until the commit. Taken before any other lock."""
    with connection.cursor() as cursor:
        cursor.execute(GRAPH_LOCK)


def require_no_cycle(authority: Authority, *, source: int, target: int) -> None:
    """Raise ConflictError if "`source` is finished before `target`" (ids) would close a circle.

    `cycle` has the `path` of keys from the source along the edges back to it, null for tasks that the actor does not
    see; `graph_too_large` has the `limit` of tasks that the check visits. The caller holds the graph lock.
    """
    if source == target:
        raise _cycle([source, source], authority)
    rows, _ = prepared(REACHED, {"start": bound(target)})
    reached = [task_id for (task_id,) in rows]
    if source in reached:
        edges, _ = prepared(AMONG, {"ids": bound(reached)})
        raise _cycle([source, *_shortest(target, source, edges)], authority)
    if len(reached) > MAX_VISITED:
        raise ConflictError(
            "Too many tasks depend on one another to look for a circle.",
            code="graph_too_large",
            extra={"limit": MAX_VISITED},
        )


def _shortest(start: int, end: int, edges: Iterable[tuple[int, ...]]) -> list[int]:
    """Return the ids of the shortest way from `start` to `end`, both included; `edges` has one."""
    following: dict[int, list[int]] = {}
    for earlier, later in edges:
        following.setdefault(earlier, []).append(later)
    came_from = {start: start}
    waiting = deque([start])
    while end not in came_from:
        node = waiting.popleft()
        for later in following.get(node, ()):
            if later not in came_from:
                came_from[later] = node
                waiting.append(later)
    way = [end]
    while way[-1] != start:
        way.append(came_from[way[-1]])
    return way[::-1]


def _cycle(ids: list[int], authority: Authority) -> ConflictError:
    tasks = Task.objects.all() if authority.as_administrator else Task.objects.visible_to(authority.user)
    rows = tasks.filter(pk__in=set(ids)).values_list("pk", "project__key", "number")
    keys = {pk: task_key(project_key, number) for pk, project_key, number in rows}
    return ConflictError(
        "The tasks would have to be finished before one another.",
        code="cycle",
        extra={"path": [keys.get(task_id) for task_id in ids]},
    )
