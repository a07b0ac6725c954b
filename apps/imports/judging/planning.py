"""Where each row stands: circles are cut, and no task stands too deep or beside too many (contract IM2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from apps.imports.judging.relating import plan_relations
from apps.imports.judging.values import Judged
from apps.tasks.subtasks.placing import MAX_CHILDREN
from apps.tasks.subtasks.tree import MAX_DEPTH


def plan(rows: Sequence[Judged], *, known: Mapping[str, int], present: Collection[str] = ()) -> None:
    """Set each row's `parent` to the id it is to stand under, and warn where that is another than in the file.

    `known` are the depths, below their roots, of tasks that are there already and are named as parents; `present` the
    ids of those that relations name. A row with an id that an earlier row has fails.
    """
    by_id: dict[str, Judged] = {}
    for row in rows:
        if row.is_skipped:
            continue
        if row.external_id and row.external_id in by_id:
            row.fail("duplicate", f"Row {by_id[row.external_id].row} has the same id.")
        elif row.external_id:
            by_id[row.external_id] = row
    for row in rows:
        if row.parent and (row.parent not in by_id or by_id[row.parent].errors) and row.parent not in known:
            row.warnings.append(f"There is no task “{row.parent[:100]}” to place it under.")
            row.parent = ""
    _cut_circles(rows, by_id)
    _lift(rows, by_id, known)
    _limit_children(rows)
    _archive_below(rows, by_id)
    plan_relations(rows, present=present)


def _cut_circles(rows: Sequence[Judged], by_id: Mapping[str, Judged]) -> None:
    ends: set[str] = set()  # ids from which the way up is known to end
    for row in rows:
        way: list[Judged] = []
        on_way: set[str] = set()
        here: Judged | None = row
        while here is not None and here.external_id not in ends and here.external_id not in on_way:
            way.append(here)
            on_way.add(here.external_id)
            here = by_id.get(here.parent) if here.parent else None
        if here is not None and here.external_id in on_way:
            circle = way[[each.external_id for each in way].index(here.external_id) :]
            first = min(circle, key=lambda each: each.row)
            first.parent = ""
            first.warnings.append("Its parents form a circle, which was cut here.")
        ends |= on_way


def _lift(rows: Sequence[Judged], by_id: Mapping[str, Judged], known: Mapping[str, int]) -> None:
    """Let what would stand too deep stand under its nearest ancestor that may have sub-tasks."""
    depths: dict[str, int] = {}
    for row in rows:
        way = [row]
        while way[-1].parent in by_id and way[-1].parent not in depths:
            way.append(by_id[way[-1].parent])
        for each in reversed(way):
            if each.external_id in depths and by_id.get(each.external_id) is each:
                continue
            above = _depth(each.parent, depths, known)
            lifted = False
            while each.parent and above >= MAX_DEPTH:
                each.parent = by_id[each.parent].parent if each.parent in by_id else ""
                above, lifted = _depth(each.parent, depths, known), True
            if lifted:
                each.warnings.append(f"A task can be at most {MAX_DEPTH} levels below its root; it was put higher.")
            depths[each.external_id] = above + 1 if each.parent else 0


def _depth(parent: str, depths: Mapping[str, int], known: Mapping[str, int]) -> int:
    return depths.get(parent, known.get(parent, 0)) if parent else 0


def _limit_children(rows: Sequence[Judged]) -> None:
    children: Counter[str] = Counter()
    for row in rows:
        if not row.parent:
            continue
        children[row.parent] += 1
        if children[row.parent] > MAX_CHILDREN:
            row.warnings.append(f"A task has at most {MAX_CHILDREN} sub-tasks.")
            row.parent = ""


def _archive_below(rows: Sequence[Judged], by_id: Mapping[str, Judged]) -> None:
    """Let what stands below an archived task be archived with it: nothing active stands there (ST7)."""
    for row in rows:
        way = [row]
        while way[-1].parent in by_id:
            way.append(by_id[way[-1].parent])
        for above, each in zip(way[:0:-1], way[-2::-1], strict=True):
            if above.is_archived and not each.is_archived:
                each.fields["archived_at"] = above.fields["archived_at"]
                each.warnings.append("The task above it is archived, and so is this one.")
