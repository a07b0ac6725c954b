"""Many relations at once, as they were elsewhere: the door of imports (contract IM2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from apps.projects.events import EventType
from apps.projects.models import Project
from apps.projects.services import record_events
from apps.tasks.models import Relation, RelationKind, Task
from apps.tasks.precedence import Precedence, precedence_around
from apps.tasks.relations.kinds import Link
from apps.tasks.relations.services.recording import event_of
from apps.tasks.relations.services.writing import MAX_RELATIONS

REASONS = {
    "too_many_relations": f"A task has at most {MAX_RELATIONS} relations.",
    "conflict": "Each would be a duplicate of the other.",
    "cycle": "The tasks would have to be finished before one another.",
    "graph_too_large": "Too many tasks depend on one another to look for a circle.",
}


@dataclass(frozen=True, kw_only=True)
class ImportedRelation:
    """A relation as it is to be inserted: `kind` as it reads from `task`."""

    task: Task
    kind: str
    other: Task
    author_id: int
    created_at: datetime

    @property
    def link(self) -> Link:
        """Return the relation as it is stored."""
        return Link.parse(self.kind, here=self.task.pk, there=self.other.pk)


def import_relations(project: Project, relations: Sequence[ImportedRelation], *, actor_id: int) -> list[str]:
    """Insert relations between tasks of the locked project, with one event each; return, for each, a code of REASONS.

    An empty code says that it is there now, and a relation that was there already gets no event. The caller has judged
    the rights, and holds the graph lock if any of them blocks; nobody is notified.
    """
    if not relations:
        return []
    present = _Present(relations)
    codes, made = [], []
    for each in relations:
        code, is_new = present.take(each.link)
        codes.append(code)
        if is_new:
            made.append(each)
    rows = [_row(each, project) for each in made]
    Relation.objects.bulk_create(rows)
    events = [
        event_of(row, each.task, each.other, EventType.RELATION_CREATED) for row, each in zip(rows, made, strict=True)
    ]
    record_events(project.pk, events, actor_id=actor_id)
    return codes


class _Present:
    """The relations of tasks, read once, and those that come to them."""

    def __init__(self, relations: Sequence[ImportedRelation]) -> None:
        links = [each.link for each in relations]
        ends = {pk for link in links for pk in (link.from_id, link.to_id)}
        rows = Relation.objects.filter(Q(from_task__in=ends) | Q(to_task__in=ends))
        self.stored: set[tuple[str, int, int]] = set(rows.values_list("kind", "from_task_id", "to_task_id"))
        self.counts = Counter(pk for _, *pair in self.stored for pk in pair)
        blocking = [link.to_id for link in links if link.kind is RelationKind.BLOCKS]
        self.order: Precedence[int] | None = precedence_around(blocking) if blocking else Precedence()

    def take(self, link: Link) -> tuple[str, bool]:
        """Add a relation; return why it cannot be, or an empty text, and whether it is new."""
        if (link.kind.value, link.from_id, link.to_id) in self.stored:
            return "", False
        if link.kind is RelationKind.DUPLICATES and (link.kind.value, link.to_id, link.from_id) in self.stored:
            return "conflict", False
        if any(self.counts[pk] >= MAX_RELATIONS for pk in (link.from_id, link.to_id)):
            return "too_many_relations", False
        if link.kind is RelationKind.BLOCKS:
            if self.order is None:
                return "graph_too_large", False
            if not self.order.add(link.from_id, link.to_id):
                return "graph_too_large" if self.order.is_exhausted else "cycle", False
        self.stored.add((link.kind.value, link.from_id, link.to_id))
        self.counts.update((link.from_id, link.to_id))
        return "", True


def _row(each: ImportedRelation, project: Project) -> Relation:
    link = each.link
    return Relation(
        kind=link.kind,
        from_task_id=link.from_id,
        from_project=project,
        to_task_id=link.to_id,
        to_project=project,
        created_by_id=each.author_id,
        created_at=each.created_at,
    )
