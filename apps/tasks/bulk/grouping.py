"""Which tasks of a bulk change are done together, by the services that take several at once.

A task is done alone where its turn may change other tasks, or is judged by what earlier turns have left in the
database: moves, deletions, new parents and descriptions (whom they name), and whatever takes sub-tasks along.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from apps.batches.models import Action
from apps.projects.models import OnParentDone
from apps.tasks.bulk.orders import Order
from apps.tasks.models import Status, Task
from apps.tasks.subtasks.tree import Below, with_below

NEVER = {Action.MOVE, Action.DELETE}
BY_PARENT = {Action.ARCHIVE, Action.UNARCHIVE}  # judged by what the parent's turn has left in the database
SINGLY = {"parent", "description"}  # fields


def in_groups(ids: Sequence[int], tasks: Mapping[int, Task], order: Order) -> Iterator[list[int]]:
    """Yield the ids in their order, in groups that are done together. `tasks` are those that the actor sees."""
    alone = _alone(tasks, order)
    group: list[int] = []
    for task_id in ids:
        task = tasks.get(task_id)
        follows_parent = order.action in BY_PARENT and task is not None and task.parent_id in group
        if group and (task_id in alone or follows_parent):
            yield group
            group = []
        group.append(task_id)
        if task_id in alone:
            yield group
            group = []
    if group:
        yield group


def _alone(tasks: Mapping[int, Task], order: Order) -> Collection[int]:
    if order.action in NEVER or order.changes.keys() & SINGLY:
        return tasks.keys()
    if order.action == Action.ARCHIVE:
        return with_below(tasks, Below.ACTIVE)
    if order.action == Action.UNARCHIVE:
        return with_below(tasks, Below.ARCHIVED_ALONG)
    if order.action == Action.COMPLETE or order.changes.get("status") == Status.DONE:
        choice = order.changes.get("on_subtasks")
        asking = [pk for pk, task in tasks.items() if (choice or task.project.on_parent_done) != OnParentDone.LEAVE]
        return with_below(asking, Below.ACTIVE) if asking else ()
    return ()
