"""Relations of the demo's tasks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from apps.tasks.models import Relation, RelationKind, Task
from apps.users.models import User

SHARE = 0.12  # of the tasks that have a relation to an earlier one
ELSEWHERE = 0.25  # of the relations that lead to another project
KINDS = (RelationKind.BLOCKS, RelationKind.RELATES, RelationKind.DUPLICATES)


def relations_among(tasks: Sequence[Task], *, author: User, random: Random) -> Iterator[Relation]:
    """Yield relations between saved tasks, made by `author`, who is a member of all their projects.

    A block leads from a later task to an earlier one, as a sub-task does to its parent: there are no circles.
    """
    for position in range(1, len(tasks)):
        if random.random() >= SHARE:
            continue
        later = tasks[position]
        is_elsewhere = random.random() < ELSEWHERE
        earlier = [task for task in tasks[max(0, position - 40) : position] if _fits(task, later, is_elsewhere)]
        if earlier:
            other, kind = random.choice(earlier), random.choices(KINDS, (60, 30, 10))[0]
            first, last = (other, later) if kind is RelationKind.RELATES else (later, other)
            yield Relation(
                kind=kind,
                from_task=first,
                from_project_id=first.project_id,
                to_task=last,
                to_project_id=last.project_id,
                created_by=author,
                created_at=later.created_at,
            )


def _fits(task: Task, later: Task, is_elsewhere: bool) -> bool:
    return (task.project_id != later.project_id) is is_elsewhere and task.pk != later.parent_id
