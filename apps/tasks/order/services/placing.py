"""Moving a task to a place in its project's manual order, under the project's lock (RK2, RK3, RK8)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from django.db.models import QuerySet, TextField

from apps.common.errors import ConflictError, NotFoundError, ValidationError
from apps.common.lists.kept import find_row
from apps.common.sql.statements import Parameter, Statement, prepared
from apps.projects.services import CommonTables
from apps.tasks.models import Task, task_key
from apps.tasks.order.keys import LENGTH_MAX, keys_between
from apps.tasks.queries.missing import task_in_trash
from apps.users.models import User

NEIGHBOURS = 64  # tasks that are spaced again around a gap without room (contract RK8)

# As JSON: of an array PostgreSQL sees the length, and plans each time anew
RANKED = """
ranked AS (
    UPDATE tasks_task AS task SET rank = spaced.rank
    FROM jsonb_each_text(%(ranks)s::jsonb) AS spaced (id, rank)
    WHERE task.id = spaced.id::bigint
)
"""


@dataclass(frozen=True)
class Place:
    """Where a task is to stand: directly `after` or `before` the task with the id `anchor`, or `first` or `last`."""

    side: str
    anchor: int | None = None


class Neighbour(NamedTuple):
    """The rank of a task, and whether it is in the trash."""

    rank: str
    is_in_trash: bool


def find_anchor(actor: User, task: Task, place: Place) -> Task | None:
    """Return the task that `place` names, None for an end; ValidationError for `task` itself or one not visible.

    One in the trash is returned: it says to a member that the order has changed.
    """
    if place.anchor is None:
        return None
    pointer = f"/{place.side}"
    if place.anchor == task.pk:
        raise ValidationError.at(pointer, "invalid", "A task cannot be placed next to itself.")
    try:
        anchor = find_row(Task, Task.objects.visible_to, actor, place.anchor)
    except NotFoundError:
        trashed = task_in_trash(actor, place.anchor) is not None
        found = Task.objects.select_related("project").filter(pk=place.anchor).first() if trashed else None
        if found is None:
            raise ValidationError.at(pointer, "does_not_exist", "There is no such task.") from None
        return found
    if anchor.project_id == task.project_id:
        anchor.project = task.project
    return anchor


def require_anchor(task: Task, anchor: Task | None, changes: Mapping[str, Any]) -> None:
    """Raise ConflictError `anchor_moved` unless the anchor is where the client saw it (RK3).

    That is the project of `task`, and the status and parent that `changes` asks for; not the trash.
    """
    if anchor is None:
        return
    shown = None
    if anchor.trash_id is None and anchor.project.trash_id is None:
        shown = {
            "id": anchor.pk,
            "key": task_key(anchor.project.key, anchor.number),
            "project": anchor.project_id,
            "status": anchor.status,
            "parent": anchor.parent_id,
            "is_archived": anchor.is_archived,
        }
    wanted = {name: changes[name] for name in ("status", "parent") if name in changes} | {"project": task.project_id}
    if shown is None or any(shown[name] != value for name, value in wanted.items()):
        detail = "The task it should be placed next to has been moved."
        raise ConflictError(detail, code="anchor_moved", extra={"anchor": shown})


def ranks_for(task: Task, place: Place, anchor: Task | None) -> dict[int, str]:
    """Return the ranks by which the locked task gets the place: its own first, then those of others that change.

    None when it is there already. Tasks in the trash keep their places, but are no neighbours.
    """
    is_above, edge = place.side in ("before", "last"), anchor.rank if anchor else None
    nearest = _nearest(task, below=edge, is_last=True) if is_above else _nearest(task, above=edge)
    if _stands(task, edge, nearest, is_above=is_above):
        return {}
    rank_of_nearest = nearest.rank if nearest else None
    low, high = (rank_of_nearest, edge) if is_above else (edge, rank_of_nearest)
    [rank] = keys_between(low, high)
    return {task.pk: rank} if len(rank) <= LENGTH_MAX else _spaced(task, low, high)


def ranking(ranks: Mapping[int, str]) -> CommonTables:
    """Return what sets the ranks beside the event of it; that they are distinct is checked at the commit.

    `version` and `updated_at` stay (RK4).
    """
    return CommonTables(RANKED, {"ranks": json.dumps(ranks)})


def write_ranks(ranks: Mapping[int, str]) -> None:
    """Set the ranks as `ranking` does, where the event is another one."""
    if ranks:
        written = ranking(ranks)
        prepared(f"WITH {written.text} SELECT", written.values)


def _stands(task: Task, edge: str | None, nearest: Neighbour | None, *, is_above: bool) -> bool:
    """Return whether the task is in the place above (or below) the rank `edge`, for those who see no trash.

    `nearest` is the other task on that side that is nearest to the edge; None is an end of the order.
    """
    if edge is not None and (task.rank > edge) is is_above:
        return False
    if nearest is None or (task.rank > nearest.rank) is is_above:
        return True
    if not nearest.is_in_trash:
        return False
    above, below = (task.rank, edge) if is_above else (edge, task.rank)
    return _nearest(task, above=above, below=below, is_kept=True) is None


def _nearest(
    task: Task, *, above: str | None = None, below: str | None = None, is_last: bool = False, is_kept: bool = False
) -> Neighbour | None:
    """Return the lowest rank (with `is_last` the highest) of the project's other tasks between two ranks.

    None is no limit, and says that there is none. With `is_kept` what is in the trash does not count.
    """
    found = _ranks(above is not None, below is not None, is_last, is_kept)
    rows = found.run({"project": task.project_id, "task": task.pk, "above": above, "below": below})
    return Neighbour(rows[0][0], is_in_trash=rows[0][1] is not None) if rows else None


@cache
def _ranks(has_lower: bool, has_upper: bool, is_last: bool, is_kept: bool) -> Statement:
    others = Task.objects.filter(project_id=Parameter("project")).exclude(pk=Parameter("task"))
    if is_kept:
        others = others.filter(trash=None)
    if has_lower:
        others = others.filter(rank__gt=Parameter("above", TextField()))
    if has_upper:
        others = others.filter(rank__lt=Parameter("below", TextField()))
    return Statement(others.order_by("-rank" if is_last else "rank").values_list("rank", "trash_id")[:1])


def _spaced(task: Task, low: str | None, high: str | None) -> dict[int, str]:
    """Return the new ranks of `task` between `low` and `high`, and of the neighbours that make room for it.

    Where even the neighbours lie too close, more of them are spaced.
    """
    side = NEIGHBOURS // 2
    others = Task.objects.filter(project_id=task.project_id).exclude(pk=task.pk)
    while True:
        below = _beside(others.filter(rank__lte=low).order_by("-rank"), side) if low is not None else []
        above = _beside(others.filter(rank__gte=high).order_by("rank"), side) if high is not None else []
        bottom, top = (rows[side][1] if len(rows) > side else None for rows in (below, above))
        order = [*reversed(below[:side]), (task.pk, task.rank), *above[:side]]
        ranks = keys_between(bottom, top, len(order))
        if max(map(len, ranks)) <= LENGTH_MAX:
            found = {pk: rank for (pk, former), rank in zip(order, ranks, strict=True) if rank != former}
            return {task.pk: ranks[len(below[:side])]} | found
        side *= 2


def _beside(rows: QuerySet[Task], count: int) -> list[tuple[int, str]]:
    """Return (id, rank) of the nearest rows, and of the one behind them."""
    return list(rows.values_list("pk", "rank")[: count + 1])
