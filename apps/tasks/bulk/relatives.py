"""Tasks of a batch whose turns come in earlier parts, and on which what becomes of later ones depends (contract BU4).

A dry run in the background rolls each part back. A part that begins with the turns of these tasks is judged as the run
judges it: a sub-task whose parent went into the trash in an earlier part is unchanged.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from apps.common.sql.statements import bound, prepared

ABOVE = """
WITH RECURSIVE above (id) AS (
    SELECT unnest(%(ids)s::bigint[])
    UNION SELECT task.parent_id FROM above JOIN tasks_task task ON task.id = above.id WHERE task.parent_id IS NOT NULL
)
SELECT id FROM above
UNION SELECT from_id FROM tasks_relation WHERE kind = 'blocks' AND to_id = ANY(%(ids)s::bigint[])
"""
BELOW = """
WITH RECURSIVE below (id) AS (
    SELECT unnest(%(ids)s::bigint[])
    UNION SELECT task.id FROM below JOIN tasks_task task ON task.parent_id = below.id
)
SELECT id FROM below
"""


def relatives_among(earlier: Sequence[int], ids: Sequence[int]) -> list[int]:
    """Return those of the `earlier` tasks that stand above, below or in the way of the tasks `ids`, in their order.

    What in turn stands above or in the way of those is among them.
    """
    known = set(earlier)
    found = _ids(BELOW, ids) & known
    frontier = found | set(ids)
    while frontier:
        frontier = (_ids(ABOVE, frontier) & known) - found
        found |= frontier
    return [task_id for task_id in earlier if task_id in found]


def _ids(text: str, ids: Collection[int]) -> set[int]:
    rows, _ = prepared(text, {"ids": bound(sorted(ids))})
    return {pk for (pk,) in rows}
