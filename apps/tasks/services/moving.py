"""Moving a task to another project, with all that is below it (contract ST9, ST10)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from apps.batches.context import former_value
from apps.batches.models import Action
from apps.batches.services import keep_act
from apps.common.faults import declare, fault_point
from apps.common.sql.statements import bound, prepared
from apps.projects.events import EventType
from apps.projects.models import Activity, Project
from apps.projects.services import Event, adjust_counts, record_events
from apps.tasks.attachments.services import carry_files
from apps.tasks.labels.services import WantedLabels, relabel_moved
from apps.tasks.locking import LockedTask, roles_among
from apps.tasks.models import Task, task_key
from apps.tasks.order.services import Slot, take_back_ranks, take_in_tasks
from apps.tasks.services.cascading import event_of, notify_others
from apps.tasks.subtasks.placing import too_many_subtasks
from apps.tasks.subtasks.tree import Below, lock_below
from apps.tasks.watching.services import keep_members
from apps.users.models import User

MAX_MOVED = 500  # tasks of a tree, its root included; contract ST9
SIDED = ("project", "key", "parent", "labels")  # whose old value belongs to the former project alone
ChangesOf = dict[int, dict[str, tuple[Any, Any]]]  # by task

# One statement for all: with bulk_update, a move of 500 tasks took 5.7 s instead of 1.2, for a statement of 3,000 cases
PLACE = """
UPDATE tasks_task task SET
    project_id = %(project)s, number = placed.number, rank = placed.rank, assigned_to_id = placed.assigned_to,
    version = task.version + 1, updated_at = %(now)s
FROM jsonb_to_recordset(%(rows)s::jsonb) AS placed (id bigint, number bigint, rank text, assigned_to bigint)
WHERE task.id = placed.id
"""

# Unique in a project: what the target has already is not this task's there (contract IM11)
CLEAR_EXTERNAL = """
UPDATE tasks_task task SET external_source = NULL, external_id = NULL
FROM tasks_task other
WHERE task.id = ANY(%(ids)s::bigint[]) AND other.project_id = %(project)s
    AND other.external_source = task.external_source AND other.external_id = task.external_id
"""

declare("task.tree_moved")


def move_tree(
    locked: LockedTask,
    changes: Mapping[str, Any],
    written: Sequence[str],
    labels: WantedLabels | None,
    *,
    was_open: bool,
    actor: User,
    now: datetime,
) -> Activity:
    """Carry the task and all below it, with files, labels, counts and events, to the target.

    `changes` are those of the root's own fields, set already; its attributes in `written` are saved with the move.
    `labels` are what the root is to have of the target's. Returns the event of the root in the target. Raises
    ConflictError `too_many_subtasks`, `quota_exceeded` or `too_many_labels`.
    """
    assert locked.target is not None  # noqa: S101 - the caller asked
    source, target = locked.project, locked.target.project
    below = _lock_moved(locked.task)
    tasks = [locked.task, *below]
    Task.objects.filter(parent__in=tasks, trash__isnull=False).update(parent=None)
    left_open = was_open + sum(task.is_open for task in below)
    ranks = {task.pk: task.rank for task in tasks}
    moved = _renumber(tasks, source, target)
    moved[locked.task.pk] = {**changes, **moved[locked.task.pk]}
    left_behind = "assigned_to" in changes and changes["assigned_to"][0] not in locked.target.roles
    unassigned = [locked.task.key] if left_behind and locked.task.assigned_to_id is None else []
    unassigned += _unassign(below, target, moved)
    ids = [task.pk for task in tasks]
    prepared(CLEAR_EXTERNAL, {"ids": bound(ids), "project": target.pk})
    _save(locked.task, below, written, now=now)
    keep_members(ids)
    carry_files(ids, source=source, target=target)
    relabelled = relabel_moved(tasks, labels, target=target, actor_id=actor.pk, batch_id=locked.batch())
    for pk, change in relabelled.changes.items():
        moved[pk]["labels"] = change
    adjust_counts(source, tasks=-len(tasks), open_tasks=-left_open)
    locked.note(subtasks_changed=len(below), unassigned=unassigned, dropped_labels=relabelled.dropped)
    fault_point("task.tree_moved")
    return _record(locked, tasks, moved, ranks, actor=actor)


def _lock_moved(root: Task) -> list[Task]:
    """Lock what is below the root outside the trash, in the order of the tree."""
    below = lock_below(root, Below.KEPT, limit=MAX_MOVED)
    if len(below) >= MAX_MOVED:
        raise too_many_subtasks(MAX_MOVED, f"At most {MAX_MOVED} tasks move together.")
    return below


def _renumber(tasks: Sequence[Task], source: Project, target: Project) -> ChangesOf:
    """Give the tasks numbers and ranks of the target, in their order; return what changed of each."""
    slots = _slots(tasks, target)
    moved: ChangesOf = {}
    for task, slot in zip(tasks, slots, strict=True):
        old_key = task_key(source.key, task.number)
        task.project, task.number, task.rank = target, slot.number, slot.rank
        moved[task.pk] = {"project": (source.pk, target.pk), "key": (old_key, task.key)}
    return moved


def _slots(tasks: Sequence[Task], target: Project) -> list[Slot]:
    """Return new numbers and ranks of the target; in an undo a task gets what it had there."""
    back = [task for task in tasks if former_value("number", task.pk) is not None]
    new = [task for task in tasks if task not in back]
    slots: dict[int, Slot] = {}
    if new:
        taken = take_in_tasks(target, tasks=len(new), open_tasks=sum(task.is_open for task in new))
        slots |= {task.pk: slot for task, slot in zip(new, taken, strict=True)}
    if back:
        adjust_counts(target, tasks=len(back), open_tasks=sum(task.is_open for task in back))
        ranks = take_back_ranks(target, [former_value("rank", task.pk) for task in back])
        slots |= {task.pk: Slot(former_value("number", task.pk), rank) for task, rank in zip(back, ranks, strict=True)}
    return [slots[task.pk] for task in tasks]


def _unassign(below: Sequence[Task], target: Project, moved: ChangesOf) -> list[str]:
    """Clear the assignees who are no members of the target; return the keys of their tasks."""
    people = {task.assigned_to_id for task in below} - {None}
    members = roles_among(target.pk, people) if people else {}
    keys = []
    for task in below:
        if task.assigned_to_id is not None and task.assigned_to_id not in members:
            moved[task.pk]["assigned_to"] = (task.assigned_to_id, None)
            task.assigned_to_id = None
            keys.append(task.key)
    return keys


def _save(root: Task, below: Sequence[Task], written: Sequence[str], *, now: datetime) -> None:
    """Write the tasks as their next versions of `now`."""
    for task in (root, *below):
        task.version, task.updated_at = task.version + 1, now
    root.save(update_fields=["project", "number", "rank", *written, "version", "updated_at"])
    if not below:
        return
    rows = [
        {"id": task.pk, "number": task.number, "rank": task.rank, "assigned_to": task.assigned_to_id} for task in below
    ]
    with connection.cursor() as cursor:
        cursor.execute(PLACE, {"project": root.project_id, "now": now, "rows": json.dumps(rows)})


def _record(
    locked: LockedTask, tasks: Sequence[Task], moved: ChangesOf, ranks: Mapping[int, str], *, actor: User
) -> Activity:
    """Write the events of both projects, each with its own side; return that of the root in the target.

    `ranks` are the former ones, for an undo.

    A member of one of the two projects only must learn nothing of the other.
    """
    batch_id = locked.batch()
    left = [_moved_out(task, moved[task.pk]) for task in tasks]
    record_events(locked.project.pk, left, actor_id=actor.pk, batch_id=batch_id)
    events = [event_of(task, EventType.TASK_MOVED_IN, _target_side(moved[task.pk])) for task in tasks]
    root, *others = record_events(locked.destination.project.pk, events, actor_id=actor.pk, batch_id=batch_id)
    keep_act(batch_id, actor=actor, action=Action.MOVE, changed=len(tasks), former={"rank": ranks})
    notify_others(others, Action.MOVE)
    return root


def _moved_out(task: Task, changes: Mapping[str, tuple[Any, Any]]) -> Event:
    left = {name: (changes[name][0], None) for name in SIDED if name in changes and changes[name][0] is not None}
    old_key = changes["key"][0]
    return Event(type=EventType.TASK_MOVED_OUT, changes=left, version=task.version, task_id=task.pk, task_key=old_key)


def _target_side(changes: Mapping[str, tuple[Any, Any]]) -> dict[str, Any]:
    return {name: (None, new) if name in SIDED else (old, new) for name, (old, new) in changes.items()}
