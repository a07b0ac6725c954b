"""Moving a task by hand: to a place in the manual order, perhaps with another status, in one act."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from apps.common.concurrency import Expected
from apps.common.transactions import start_again, write
from apps.projects.events import EventType
from apps.projects.services import Event, record_event
from apps.tasks.locking import Authority, lock_task, require_state
from apps.tasks.models import Task
from apps.tasks.order.services import Place, find_anchor, ranking, ranks_for, require_anchor, write_ranks
from apps.tasks.services.editing import update_task
from apps.tasks.subtasks.placing import lock_graph_for
from apps.users.models import User


@write
def move_task(
    *,
    actor: User,
    task: Task,
    place: Place,
    changes: Mapping[str, Any],
    on_subtasks: str | None = None,
    expected: Expected = None,
) -> Task:
    """Put the task in a place of its project's order, and set what else `changes` names, as one act.

    That is `status`, for which `on_subtasks` counts as in `update_task`, and `parent`. The place alone raises no
    version and notifies nobody (RK4); being there already is no event.
    Raises NotFoundError, ForbiddenError, ValidationError at /after or /before, PreconditionFailed, ConflictError
    `project_archived` or `anchor_moved`, in this order, and then what `update_task` raises.
    """
    lock_graph_for(task, changes)
    locked = lock_task(Authority(actor), task)
    if task.parent_id != locked.task.parent_id:
        task.parent_id = locked.task.parent_id  # by which the next run decides whether it needs the graph lock
        start_again()
    anchor = find_anchor(actor, locked.task, place)
    require_state(locked, expected)
    require_anchor(locked.task, anchor, changes)
    ranks = ranks_for(locked.task, place, anchor)
    reordered, is_rebalanced = list(ranks), len(ranks) > 1
    # More than one rank changed: the one event of the act names all of them (RK8)
    moved = locked.task
    if changes:
        moved = update_task(
            actor=actor,
            task=moved,
            changes=changes,
            on_subtasks=on_subtasks,
            reordered=reordered if is_rebalanced else (),
        )
    if reordered and moved.version == locked.task.version:
        event = Event(type=EventType.TASK_REORDERED, object_ids=reordered)
        record_event(locked.project.pk, event, actor_id=actor.pk, beside=ranking(ranks))
    else:
        write_ranks(ranks)
    if is_rebalanced:
        moved.effects = {**(moved.effects or {}), "rebalanced": True}
    return moved
