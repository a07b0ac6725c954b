"""Which relations of a file there can be: each once, between tasks that are there, without a circle (contract IM2)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from apps.imports.judging.values import Judged
from apps.imports.sources.items import FoundRelation, Item
from apps.tasks.models import READ_FROM_TO, RelationKind
from apps.tasks.precedence import Precedence
from apps.tasks.relations.services import REASONS
from apps.tasks.relations.services.writing import MAX_RELATIONS

NAMED = 5  # ids that a warning lists
ABSENT = "There are no such tasks"
SELF = "A task cannot be related to itself"
BACKWARD = {name: kind.value for kind, name in READ_FROM_TO.items()}

Edge = tuple[str, str, str]  # the kind as it is stored, and the external ids of both ends


def edge_of(here: str, relation: FoundRelation) -> Edge:
    """Return a relation as one end after the other: the same for both of its ends."""
    kind = BACKWARD.get(relation.kind, relation.kind)
    if kind == RelationKind.RELATES:
        first, second = sorted((here, relation.other))
        return (kind, first, second)
    return (kind, here, relation.other) if kind == relation.kind else (kind, relation.other, here)


def count_relations(items: Iterable[Item]) -> int:
    """Return how many relations a file has, counting one that both of its ends name once."""
    return len({edge_of(item.external_id, relation) for item in items for relation in item.relations})


def plan_relations(rows: Sequence[Judged], *, present: Collection[str]) -> None:
    """Leave each row the relations that can be, and warn of the others; one that both ends name stays at the first.

    `present` are the external ids of tasks that are there already. The parents of the rows are planned.
    """
    there = {*present, *(row.external_id for row in rows if not row.errors)}
    planned = _Planned((row.external_id, row.parent) for row in rows if row.parent)
    for row in rows:
        left_out: dict[str, list[str]] = defaultdict(list)
        kept = []
        for relation in row.relations:
            if relation.other not in there:
                left_out[ABSENT].append(relation.other)
                continue
            reason, is_new = planned.take(edge_of(row.external_id, relation))
            if is_new:
                kept.append(relation)
            elif reason:
                left_out[reason].append(relation.other)
        row.relations = [] if row.errors else kept
        row.warnings += [relations_left_out(reason, ids) for reason, ids in left_out.items()]


def relations_left_out(reason: str, others: Sequence[str]) -> str:
    """Return the warning about relations to the tasks with these external ids."""
    named = ", ".join(f"“{other[:100]}”" for other in others[:NAMED])
    more = f" and {len(others) - NAMED} more" if len(others) > NAMED else ""
    return f"{reason.rstrip('.')}: the relations to {named}{more} were left out."


class _Planned:
    """The relations of a file as far as they have been taken."""

    def __init__(self, parents: Iterable[tuple[str, str]]) -> None:
        self.order: Precedence[str] = Precedence(parents)
        self.edges: set[Edge] = set()
        self.counts: Counter[str] = Counter()

    def take(self, edge: Edge) -> tuple[str, bool]:
        """Add a relation; return why it cannot be, or an empty text, and whether it is new."""
        kind, *ends = edge
        first, second = ends
        if first == second:
            return SELF, False
        if edge in self.edges:
            return "", False
        if kind == RelationKind.DUPLICATES and (kind, second, first) in self.edges:
            return REASONS["conflict"], False
        if any(self.counts[end] >= MAX_RELATIONS for end in ends):
            return REASONS["too_many_relations"], False
        if kind == RelationKind.BLOCKS and not self.order.add(first, second):
            return REASONS["graph_too_large" if self.order.is_exhausted else "cycle"], False
        self.edges.add(edge)
        self.counts.update(ends)
        return "", True


def named_in(rows: Iterable[Judged]) -> Mapping[str, None]:
    """Return the external ids that relations of these rows name."""
    return dict.fromkeys(relation.other for row in rows for relation in row.relations)
