"""Removing a relation, from either of its ends."""

from __future__ import annotations

from apps.common.errors import NotFoundError
from apps.common.transactions import write
from apps.projects.events import EventType
from apps.projects.services import require_active
from apps.tasks.models import Relation, Task
from apps.tasks.relations.services.locking import lock_ends, require_may_write
from apps.tasks.relations.services.recording import record
from apps.users.models import User


@write
def delete_relation(*, actor: User, task: Task, relation: Relation) -> None:
    """Remove a relation of `task`, whatever its other end is: not visible, archived or in the trash (contract DE3).

    Raises NotFoundError, ForbiddenError below member, ConflictError `project_archived` for the project of `task`.
    """
    other_id = relation.other_end(task.pk)
    if not Task.objects.filter(pk=other_id).exists():
        raise NotFoundError  # erased meanwhile, with the relation
    ends = lock_ends(task.pk, other_id)
    require_may_write(actor, ends.here)
    row = Relation.objects.select_for_update().filter(pk=relation.pk).first()
    if row is None:
        raise NotFoundError
    require_active(ends.here.project)
    row.delete()
    row.pk = relation.pk
    record(row, ends, EventType.RELATION_DELETED, actor=actor)
