"""Relating two tasks."""

from __future__ import annotations

from typing import NamedTuple

from apps.common.errors import ConflictError, ValidationError
from apps.common.faults import declare, fault_point
from apps.common.transactions import write
from apps.projects.events import EventType
from apps.projects.services import require_active
from apps.tasks.graph import lock_graph, require_no_cycle
from apps.tasks.locking import Authority
from apps.tasks.models import KEY, Relation, RelationKind, Task
from apps.tasks.relations.kinds import Link
from apps.tasks.relations.services.locking import (
    Ends,
    lock_ends,
    require_may_write,
    require_visible,
    unknown_task,
)
from apps.tasks.relations.services.recording import record
from apps.users.models import User

MAX_RELATIONS = 100  # of a task, of all kinds and hidden ones included; contract DE2
declare("relation.created")


class Created(NamedTuple):
    """A relation, and whether it was made now or had been there."""

    relation: Relation
    is_new: bool


@write
def create_relation(*, actor: User, task: Task, kind: str, other: int | str) -> Created:
    """Relate `task` to `other` (an id, or a key among the tasks that the actor sees); `kind` as seen from `task`.

    The same relation again, from either end, is the one that exists. Raises NotFoundError and ForbiddenError below
    member, ValidationError at /task, ConflictError `project_archived`, `conflict` for two tasks that would duplicate
    each other, `too_many_relations`, `cycle` or `graph_too_large`, in this order.
    """
    other_id = _find(actor, other)
    if other_id == task.pk:
        raise ValidationError.at("/task", "self_relation", "A task cannot be related to itself.")
    link = Link.parse(kind, here=task.pk, there=other_id)
    if link.kind is RelationKind.BLOCKS:
        lock_graph()
    ends = lock_ends(task.pk, other_id)
    require_may_write(actor, ends.here)
    require_visible(actor, ends.there)
    require_active(ends.here.project)
    require_active(ends.there.project)
    existing = Relation.objects.of(ends.here.pk).filter(kind=link.kind).of(ends.there.pk).first()
    if existing is not None and existing.from_task_id == link.from_id:
        return Created(existing, is_new=False)
    if existing is not None and link.kind is RelationKind.DUPLICATES:
        raise ConflictError("The other task is a duplicate of this one already.")
    for end in (ends.here, ends.there):
        _require_room(end)
    if link.kind is RelationKind.BLOCKS:
        require_no_cycle(Authority(actor), source=link.from_id, target=link.to_id)
    relation = _insert(link, ends, actor=actor)
    record(relation, ends, EventType.RELATION_CREATED, actor=actor)
    fault_point("relation.created")
    return Created(relation, is_new=True)


def _find(actor: User, named: int | str) -> int:
    """Return the id of a task that the actor sees; ValidationError for none, or for a key of several."""
    visible = Task.objects.visible_to(actor)
    if isinstance(named, int):
        found = list(visible.filter(pk=named).values_list("pk", flat=True))
    else:
        parts = KEY.match(named)
        if parts is None:
            raise unknown_task()
        by_key = visible.filter(project__key=parts[1].upper(), number=int(parts[2]))
        found = list(by_key.values_list("pk", flat=True)[:2])
    if not found:
        raise unknown_task()
    if len(found) > 1:
        raise ValidationError.at("/task", "invalid", "Several tasks have this key: give the id.")
    return found[0]


def _require_room(task: Task) -> None:
    if Relation.objects.of(task.pk).count() >= MAX_RELATIONS:
        raise ConflictError(
            f"A task has at most {MAX_RELATIONS} relations.",
            code="too_many_relations",
            extra={"limit": MAX_RELATIONS},
        )


def _insert(link: Link, ends: Ends, *, actor: User) -> Relation:
    projects = {end.pk: end.project for end in (ends.here, ends.there)}
    return Relation.objects.create(
        kind=link.kind,
        from_task_id=link.from_id,
        from_project=projects[link.from_id],
        to_task_id=link.to_id,
        to_project=projects[link.to_id],
        created_by=actor,
    )
