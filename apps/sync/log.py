"""What the event log says has changed, and which objects each event is about (contract SY4 to SY6)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from apps.common.sql.statements import bound, prepared
from apps.projects.events import EventType
from apps.sync.token import Cursor
from apps.sync.types import BY_RANK, HANGING, Ref, SyncType

EVENTS = 1_000  # read for one page
# Of an event about several objects no more are read than a page can take.
READ = """
SELECT event.project_id, event.seq, event.type, event.object_id, event.task_id, event.created_at,
    CASE WHEN event.object_ids IS NOT NULL THEN ARRAY(
        SELECT DISTINCT named.id FROM unnest(event.object_ids) AS named (id)
        WHERE event.project_id <> %(cut_project)s::bigint OR event.seq <> %(cut_seq)s::bigint
            OR named.id > %(cut_id)s::bigint
        ORDER BY named.id LIMIT %(limit)s::bigint
    ) END,
    CASE WHEN event.type IN ('label.merged', 'project.transferred') THEN event.changes END
FROM unnest(%(projects)s::bigint[], %(seqs)s::bigint[]) WITH ORDINALITY AS known (project_id, seq, place)
CROSS JOIN LATERAL (
    SELECT * FROM projects_activity logged
    WHERE logged.project_id = known.project_id AND logged.seq > known.seq
    ORDER BY logged.seq LIMIT %(events)s::bigint
) event
ORDER BY known.place, event.seq
LIMIT %(events)s::bigint
"""
# What hangs on tasks: all of it, or the relations with the files that the task has lost since it was moved away
BELOW = """
SELECT wanted.place, found.rank, found.id
FROM unnest(
    %(places)s::bigint[], %(tasks)s::bigint[], %(whole)s::boolean[], %(since)s::timestamptz[], %(ranks)s::bigint[],
    %(after)s::bigint[]
) AS wanted (place, task_id, whole, since, rank, after)
CROSS JOIN LATERAL (
    SELECT 4 AS rank, comment.id FROM tasks_comment comment WHERE wanted.whole AND comment.task_id = wanted.task_id
    UNION
    SELECT 5, relation.id FROM tasks_relation relation WHERE relation.from_id = wanted.task_id
    UNION
    SELECT 5, relation.id FROM tasks_relation relation WHERE relation.to_id = wanted.task_id
    UNION
    SELECT 6, file.id FROM tasks_attachment file
    WHERE wanted.whole AND file.task_id = wanted.task_id AND file.state = 'ready'
    UNION
    SELECT 6, unnest(lost.object_ids) FROM projects_activity lost
    WHERE NOT wanted.whole AND lost.task_id = wanted.task_id AND lost.created_at >= wanted.since
        AND lost.type = 'attachment.deleted'
) found
WHERE (found.rank, found.id) > (wanted.rank, wanted.after)
ORDER BY wanted.place, found.rank, found.id
LIMIT %(limit)s::bigint
"""
WHOLE = frozenset({EventType.TASK_MOVED_IN, EventType.TASK_RESTORED})
NO_CURSOR = Cursor(0, 0, 0, 0)


class LoggedEvent(NamedTuple):
    """What sync needs of an event."""

    project: int
    seq: int
    type: str
    object_id: int | None
    task_id: int | None
    created_at: datetime
    object_ids: list[int] | None
    changes: dict[str, Any] | None

    @property
    def object_type(self) -> str:
        """Return what it is about, such as `task`."""
        return self.type.partition(".")[0]

    @property
    def is_of_tree(self) -> bool:
        """Return whether it brings more than its own object."""
        return self.type in WHOLE or self.type == EventType.TASK_MOVED_OUT

    @property
    def replaced_by(self) -> int | None:
        """Return the label into which the event merged another, None for other events."""
        if self.type != EventType.LABEL_MERGED or self.changes is None:
            return None
        into: int = self.changes["label"]["to"]["id"]
        return into


def read_events(positions: Mapping[int, int], cut: Cursor | None, *, limit: int) -> list[LoggedEvent]:
    """Return the events behind these positions in order, project by project; at most EVENTS of them.

    The project of `cut`, an event of which a part was read, comes first.
    """
    if not positions:
        return []
    cut = cut or NO_CURSOR
    projects = sorted(positions, key=lambda pk: (pk != cut.project, pk))
    rows, _ = prepared(
        READ,
        {
            "projects": bound(projects),
            "seqs": bound([positions[pk] for pk in projects]),
            "cut_project": cut.project,
            "cut_seq": cut.seq,
            "cut_id": cut.id if cut.rank >= SyncType.TASK.rank else 0,
            "limit": limit + 1,
            "events": EVENTS,
        },
    )
    return [LoggedEvent._make((*row[:-1], json.loads(row[-1]) if row[-1] else None)) for row in rows]


def gaps(events: Sequence[LoggedEvent], positions: Mapping[int, int], last: Mapping[int, int]) -> set[int]:
    """Return the projects whose events behind the position are not all there: retention has taken some (contract E8).

    A number above the project's last one is one of another history.
    """
    found = {pk for pk, seq in positions.items() if seq > last[pk]}
    following = dict(positions)
    for event in events:
        if event.seq != following[event.project] + 1:
            found.add(event.project)
        following[event.project] = event.seq
    return found


def own_refs(event: LoggedEvent, *, user_id: int) -> list[Ref]:
    """Return the objects that the event itself names, in order; none for what no copy has."""
    if event.object_type not in list(SyncType):
        return []
    ids = {pk for pk in (event.object_id, *(event.object_ids or ())) if pk is not None}
    refs = {Ref(event.project, SyncType(event.object_type), pk) for pk in ids}
    if _shows_role(event, user_id):
        refs.add(Ref(event.project, SyncType.PROJECT, event.project))
    if event.type == EventType.PROJECT_TRANSFERRED and event.changes is not None:
        owners = event.changes["owner"].values()
        refs |= {Ref(event.project, SyncType.MEMBER, pk) for pk in owners}
    return sorted(refs, key=lambda ref: ref.place)


def _shows_role(event: LoggedEvent, user_id: int) -> bool:
    """Return whether the event may have changed the caller's `role`, which stands in the project (contract SY6)."""
    if event.type == EventType.MEMBER_ROLE_CHANGED:
        return True
    return event.object_type == SyncType.MEMBER and event.object_id == user_id


class Below(NamedTuple):
    """What hangs on the tasks of events: {place of the event: (rank, id)}; `cut` is the place where reading ended."""

    found: Mapping[int, list[tuple[int, int]]]
    cut: int | None


def read_below(events: Sequence[LoggedEvent], cut: Cursor | None, *, limit: int) -> Below:
    """Return what moves, restores and departures bring beside the task, by the event's place in `events`.

    A task is looked at once for each project and way, at most `limit` objects in all; one statement, none without such
    an event.
    """
    wanted: dict[tuple[int, int | None, bool], int] = {}
    for place, event in enumerate(events):
        if event.is_of_tree:
            wanted.setdefault((event.project, event.task_id, event.type in WHOLE), place)
    if not wanted:
        return Below({}, None)
    is_cut = [cut is not None and (events[place].project, events[place].seq) == cut[:2] for place in wanted.values()]
    rows, _ = prepared(
        BELOW,
        {
            "places": bound(list(wanted.values())),
            "tasks": bound([task for _, task, _ in wanted]),
            "whole": [whole for _, _, whole in wanted],
            "since": [events[place].created_at for place in wanted.values()],
            "ranks": bound([cut.rank if at_cut and cut else 0 for at_cut in is_cut]),
            "after": bound([cut.id if at_cut and cut else 0 for at_cut in is_cut]),
            "limit": limit + 1,
        },
    )
    found: dict[int, list[tuple[int, int]]] = {}
    for place, rank, pk in rows:
        found.setdefault(place, []).append((rank, pk))
    return Below(found, rows[-1][0] if len(rows) > limit else None)


def refs_of(event: LoggedEvent, below: Sequence[tuple[int, int]], cut: Cursor | None, *, user_id: int) -> Iterator[Ref]:
    """Yield the objects of an event in order, from behind `cut` on where it is an event of which a part was read."""
    refs = [*own_refs(event, user_id=user_id), *(Ref(event.project, BY_RANK[rank], pk) for rank, pk in below)]
    is_cut = cut is not None and (event.project, event.seq) == cut[:2]
    for ref in refs:
        if not is_cut or cut is None or ref.place > (cut.rank, cut.id):
            yield ref


def is_wanted(ref: Ref, types: frozenset[SyncType]) -> bool:
    """Return whether a copy of these types has to hear of the object; of a task also for what hangs on it."""
    return ref.type in types or (ref.type is SyncType.TASK and bool(types & HANGING))
