"""Relations that end with one of their tasks: the project of the other end has to hear of it (contract TR11)."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import F, Q

from apps.projects.events import EventType
from apps.projects.models import Project
from apps.projects.services import Event, record_events
from apps.tasks.models import Relation, RelationKind, Task, task_key
from apps.tasks.relations.kinds import Link


def record_ending(task_ids: Sequence[int]) -> None:
    """Write `relation.deleted` in each other project that has an end of a relation of these tasks.

    The caller erases the tasks in the same transaction. Nobody is named as the actor: who erases something in one
    project is no matter of another.
    """
    _record(Q(from_task__in=task_ids), Q(to_task__in=task_ids))


def record_ending_of_project(project: Project) -> None:
    """Write the same for all tasks of a project that ends."""
    _record(Q(from_project=project), Q(to_project=project))


def _record(from_here: Q, to_here: Q) -> None:
    apart = Relation.objects.exclude(from_project=F("to_project")).order_by("pk")
    ends = [(relation, relation.to_task_id) for relation in apart.filter(from_here)]
    ends += [(relation, relation.from_task_id) for relation in apart.filter(to_here)]
    tasks = Task.objects.select_related("project").in_bulk({far for _, far in ends})
    events: dict[int, list[Event]] = {}
    for relation, far in ends:
        events.setdefault(tasks[far].project_id, []).append(_event(relation, tasks[far]))
    for project_id, of_project in sorted(events.items()):
        record_events(project_id, of_project, actor_id=None)


def _event(relation: Relation, far: Task) -> Event:
    link = Link(RelationKind(relation.kind), relation.from_task_id, relation.to_task_id)
    return Event(
        type=EventType.RELATION_DELETED,
        object_id=relation.pk,
        task_id=far.pk,
        task_key=task_key(far.project.key, far.number),
        changes={"relation": ({"kind": link.seen_from(far.pk), "task": None}, None)},
    )
