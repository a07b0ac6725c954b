"""What stands in projects that are new to a copy, page by page in the order of types and ids (contract SY3)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from apps.common.sql.statements import bound, prepared
from apps.sync.token import Cursor
from apps.sync.types import BY_RANK, Ref, SyncType

# The ids of each type in a project, behind `after`; the other conditions are those of what is shown there.
IDS: Mapping[SyncType, str] = {
    SyncType.PROJECT: "SELECT wanted.project_id AS id WHERE wanted.project_id > {after}",
    SyncType.MEMBER: (
        "SELECT member.user_id FROM projects_membership member"
        " WHERE member.project_id = wanted.project_id AND member.user_id > {after} ORDER BY member.user_id"
    ),
    SyncType.LABEL: (
        "SELECT label.id FROM tasks_label label"
        " WHERE label.project_id = wanted.project_id AND label.id > {after} ORDER BY label.id"
    ),
    SyncType.TASK: (
        "SELECT task.id FROM tasks_task task"
        " WHERE task.project_id = wanted.project_id AND task.trash_id IS NULL AND task.id > {after} ORDER BY task.id"
    ),
    SyncType.COMMENT: (
        "SELECT comment.id FROM tasks_comment comment JOIN tasks_task task ON task.id = comment.task_id"
        " WHERE comment.project_id = wanted.project_id AND task.trash_id IS NULL AND comment.id > {after}"
        " ORDER BY comment.id"
    ),
    SyncType.RELATION: (
        "SELECT id FROM ("
        "(SELECT relation.id FROM tasks_relation relation WHERE relation.from_project_id = wanted.project_id"
        " AND relation.id > {after} ORDER BY relation.id LIMIT %(limit)s::bigint)"
        " UNION (SELECT relation.id FROM tasks_relation relation WHERE relation.to_project_id = wanted.project_id"
        " AND relation.id > {after} ORDER BY relation.id LIMIT %(limit)s::bigint)) relation ORDER BY id"
    ),
    SyncType.ATTACHMENT: (
        "SELECT file.id FROM tasks_attachment file JOIN tasks_task task ON task.id = file.task_id"
        " WHERE file.project_id = wanted.project_id AND file.state = 'ready' AND task.trash_id IS NULL"
        " AND file.id > {after} ORDER BY file.id"
    ),
    SyncType.VIEW: (
        "SELECT view.id FROM tasks_savedview view"
        " WHERE view.project_id = wanted.project_id AND view.is_shared AND view.id > {after} ORDER BY view.id"
    ),
}
# The rows come in the order of the projects: a nested loop is the only way to join what is lateral to a function. In
# each, the types come one after the other, for nothing below such a loop runs in parallel. Neither is sorted, so that
# no project and no type is read behind the one that fills the page.
READ = """
SELECT wanted.place, found.rank, found.id
FROM unnest(%(projects)s::bigint[], %(ranks)s::bigint[], %(after)s::bigint[])
    WITH ORDINALITY AS wanted (project_id, rank, after, place)
CROSS JOIN LATERAL ({parts}) found
LIMIT %(limit)s::bigint
"""
PART = "(SELECT {rank} AS rank, part.id FROM ({ids} LIMIT %(limit)s::bigint) part (id))"
ID_MAX = 2**63 - 1
AFTER = (
    "(CASE WHEN wanted.rank = {rank} THEN wanted.after WHEN wanted.rank > {rank} THEN 9223372036854775807 ELSE 0 END)"
)


def read_snapshots(cursor: Cursor | None, new: Sequence[int], *, types: Collection[SyncType], limit: int) -> list[Ref]:
    """Return `limit` objects and one more if there is one: those behind `cursor`, then those of the `new` projects.

    A new project gives at least one, its own, whether its type is asked for or not. One statement, none for nothing.
    """
    projects = ([cursor.project] if cursor else []) + list(new)[: limit + 1]
    if not projects or limit < 1:
        return []
    ranks, after = ([cursor.rank], [cursor.id]) if cursor else ([], [])
    ranks, after = [[*given, *[0] * (len(projects) - len(given))] for given in (ranks, after)]
    given = {"projects": bound(projects), "ranks": bound(ranks), "after": bound(after), "limit": limit + 1}
    rows, _ = prepared(_text(frozenset(types) | {SyncType.PROJECT}), given)
    return [Ref(projects[place - 1], BY_RANK[rank], pk) for place, rank, pk in sorted(rows)]


class Taken(NamedTuple):
    """What of the snapshots a page has room for, in order.

    `resets` are projects that the copy has to drop first, `positions` those whose snapshots have ended, with the
    numbers that their deltas start from; `cursor` is where the next page goes on, `is_full` whether there is more.
    """

    refs: list[Ref]
    begun: list[int]
    resets: list[int]
    positions: dict[int, int]
    cursor: Cursor | None
    is_full: bool


def take(
    refs: Sequence[Ref], cursor: Cursor | None, *, lost: Collection[int], last: Mapping[int, int], limit: int
) -> Taken:
    """Return those of the objects that fit among `limit` changes; `last` has the present numbers of the projects.

    A project among `lost` takes a change more, its reset; where only that fits, its snapshot is on the next page.
    """
    taken = Taken([], [], [], {}, None, False)
    going, used = cursor, 0
    for ref in refs:
        if going is None or ref.project != going.project:
            _end(taken, going)
            going = None
        is_reset = going is None and ref.project in lost
        if used + 1 + is_reset > limit:
            if is_reset and used < limit:
                taken.resets.append(ref.project)
                taken.begun.append(ref.project)
                going = Cursor(ref.project, last[ref.project], 0, 0)
            return taken._replace(cursor=_behind_the_last(taken.refs, going), is_full=True)
        used += 1 + is_reset
        if going is None:
            taken.begun.append(ref.project)
            taken.resets.extend([ref.project] if is_reset else [])
            going = Cursor(ref.project, last[ref.project], *ref.place)
        taken.refs.append(ref)
    if limit < 1:
        return taken._replace(cursor=going, is_full=True)
    _end(taken, going)
    return taken


def _behind_the_last(refs: Sequence[Ref], going: Cursor | None) -> Cursor | None:
    """Return the cursor of the snapshot that is going on, at the last of its objects that was taken."""
    if going is None or not refs or refs[-1].project != going.project:
        return going
    rank, pk = refs[-1].place
    return going._replace(rank=rank, id=pk)


def _end(taken: Taken, going: Cursor | None) -> None:
    if going is not None:
        taken.positions[going.project] = going.seq


@cache
def _text(types: frozenset[SyncType]) -> str:
    parts = [
        PART.format(rank=sync_type.rank, ids=IDS[sync_type].format(after=AFTER.format(rank=sync_type.rank)))
        for sync_type in sorted(types, key=lambda sync_type: sync_type.rank)
    ]
    return READ.format(parts=" UNION ALL ".join(parts))
