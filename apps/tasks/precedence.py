"""Which of many things is finished before which, in memory: for acts that add many edges at once (contract DE5)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable
from typing import Generic, TypeVar

from apps.common.sql.statements import bound, prepared
from apps.tasks.graph import EDGES

T = TypeVar("T", bound=Hashable)

MAX_STEPS = 2_000_000  # edges that all checks together look at: about a second
MAX_REACHED = 100_000  # edges that are read for one act
# All edges on the ways that begin at the tasks with these ids
REACHED = f"""
WITH RECURSIVE node (id) AS (
    SELECT unnest(%(ids)s::bigint[])
    UNION
    SELECT edge.later FROM node CROSS JOIN LATERAL ({EDGES}) edge
)
SELECT edge.earlier, edge.later FROM node CROSS JOIN LATERAL ({EDGES}) edge LIMIT {MAX_REACHED + 1}
"""  # noqa: S608 - a fragment and a number of ours


class Precedence(Generic[T]):
    """Edges "`earlier` is finished before `later`" without a circle."""

    def __init__(self, edges: Iterable[tuple[T, T]] = ()) -> None:
        """Begin with `edges`, which have no circle."""
        self._after: dict[T, list[T]] = defaultdict(list)
        self._before: dict[T, list[T]] = defaultdict(list)
        self.steps = 0
        for earlier, later in edges:
            self._link(earlier, later)

    @property
    def is_exhausted(self) -> bool:
        """Return whether the checks have looked at so many edges that no more are added."""
        return self.steps > MAX_STEPS

    def add(self, earlier: T, later: T) -> bool:
        """Add an edge unless it would close a circle, or there are too many edges to look; return whether it did."""
        if earlier == later or self._leads(later, earlier):
            return False
        self._link(earlier, later)
        return True

    def _link(self, earlier: T, later: T) -> None:
        self._after[earlier].append(later)
        self._before[later].append(earlier)

    def _leads(self, start: T, end: T) -> bool:
        """Return whether a way leads from `start` to `end`, walking from both: the shorter side decides."""
        sides = ((self._after, {start}, [start]), (self._before, {end}, [end]))
        while all(waiting for _, _, waiting in sides):
            for position, (edges, seen, waiting) in enumerate(sides):
                others = sides[1 - position][1]
                following = edges.get(waiting.pop(), []) if waiting else []
                self.steps += len(following) + 1
                if self.is_exhausted:
                    return True
                for each in following:
                    if each in others:
                        return True
                    if each not in seen:
                        seen.add(each)
                        waiting.append(each)
        return False


def precedence_around(task_ids: Iterable[int]) -> Precedence[int] | None:
    """Return what is finished after the tasks with these ids; None when there are too many edges to read.

    The caller holds the graph lock.
    """
    rows, _ = prepared(REACHED, {"ids": bound(sorted(task_ids))})
    return Precedence(rows) if len(rows) <= MAX_REACHED else None
