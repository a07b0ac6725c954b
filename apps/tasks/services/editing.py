"""Changing a task: edit, assign, change the status, place under a parent, move."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from json import dumps
from typing import Any

from django.utils import timezone

from apps.batches.context import former_value
from apps.batches.models import Action
from apps.batches.services import keep_act
from apps.common.concurrency import Expected
from apps.common.faults import declare, fault_point
from apps.common.transactions import write
from apps.projects.events import EventType
from apps.projects.models import Activity
from apps.projects.services import Changes, adjust_counts, record_event
from apps.tasks.comments.services import people_named, store_mentions
from apps.tasks.days.settling import settle, without_what_follows
from apps.tasks.fields import BY_NAME, FIELDS, verb_of
from apps.tasks.labels.services import WRITTEN, WantedLabels, find_labels, label_task
from apps.tasks.locking import Authority, LockedTask, lock_task, require_assignable, require_state
from apps.tasks.models import Status, Task, WatchReason
from apps.tasks.services.cascading import close_below, event_of
from apps.tasks.services.closing import Closing, begin_closing
from apps.tasks.services.moving import move_tree
from apps.tasks.subtasks.counting import recount_subtasks
from apps.tasks.subtasks.placing import find_parent, lock_graph_for, parent_of, reference_to, require_place
from apps.tasks.watching.services import follow, notify_event
from apps.users.models import User

declare("task.changed")


@write
def update_task(
    *,
    actor: User,
    task: Task,
    changes: Mapping[str, Any],
    on_subtasks: str | None = None,
    expected: Expected = None,
    as_administrator: bool = False,
    reordered: Sequence[int] = (),
) -> Task:
    """Set the fields in `changes` (API names; ids for `project`, `parent` and `assigned_to`); one version for all.

    What stays the same changes nothing and notifies nobody. Another `project` moves the task with all below it: they
    take the next numbers there, their files and labels come along, and an assignee who is no member there is cleared.
    Labels are lists of ids: `labels` is the whole set, `labels_add` and `labels_remove` are changes against it.
    `on_subtasks` goes before the project's `on_parent_done` when the task is set to done.
    `reordered` are the tasks that got another rank in the same act; the event names them.
    Raises NotFoundError, ForbiddenError, ValidationError at /project, /assigned_to, /parent, /description or a label,
    PreconditionFailed, ConflictError `project_archived`, `blocked`, `too_many_labels` and those of trees.
    """
    authority = Authority(actor, as_administrator)
    if changes.get("parent") is not None:
        lock_graph_for(task, changes)
    locked = lock_task(authority, task, people=[changes.get("assigned_to")], target_id=changes.get("project"))
    locked.reordered = reordered
    wanted = _wanted(locked, changes, actor=actor)
    parent = None
    if wanted.get("parent") is not None:
        parent = find_parent(locked, wanted, authority=authority, known=task)
    named = []
    if "description" in wanted:
        named = people_named(wanted["description"], project_id=locked.destination.project.pk, pointer="/description")
    labels = find_labels(locked.destination.project.pk, changes) if changes.keys() & set(WRITTEN) else None
    require_state(locked, expected)
    if parent is not None:
        require_place(parent, authority=authority, task=locked.task)
    closing = begin_closing(locked, wanted, authority, on_subtasks=on_subtasks)
    mentioned: set[int] = set()
    if "description" in wanted:
        mentioned = store_mentions(locked.task, named, is_new=False) - {actor.pk}
    return _apply(locked, wanted, parent, labels, actor=actor, mentioned=mentioned, closing=closing)


def assign_task(*, actor: User, task: Task, assigned_to: int | None, expected: Expected = None) -> Task:
    """Give the task to a member of its project, or to nobody; raises what `update_task` raises."""
    return update_task(actor=actor, task=task, changes={"assigned_to": assigned_to}, expected=expected)


def change_task_status(
    *, actor: User, task: Task, status: str, on_subtasks: str | None = None, expected: Expected = None
) -> Task:
    """Set the status; `completed_at` follows. Raises what `update_task` raises."""
    return update_task(actor=actor, task=task, changes={"status": status}, on_subtasks=on_subtasks, expected=expected)


def _wanted(locked: LockedTask, changes: Mapping[str, Any], *, actor: User) -> dict[str, Any]:
    """Return the fields that would change; ValidationError for an assignee from outside.

    An assignee who merely stays and is no member of the target is cleared, and so is a parent who stays behind.
    """
    task, place = locked.task, locked.destination
    wanted = {
        field.name: changes[field.name]
        for field in FIELDS
        if field.name in changes and not _same(changes[field.name], getattr(task, field.attribute))
    }
    require_assignable(place, wanted.get("assigned_to"))
    if "assigned_to" not in wanted and task.assigned_to_id is not None and task.assigned_to_id not in place.roles:
        wanted["assigned_to"] = None
    if locked.target is not None and task.parent_id is not None:
        wanted.setdefault("parent", None)  # it stays behind, unless another one is named (ST10)
    return settle(task, wanted, actor=actor)


def _same(new: Any, old: Any) -> bool:
    """Compare as JSON does: for Python, 1 and True are equal inside an object."""
    return bool(new == old) and (not isinstance(new, dict) or dumps(new, sort_keys=True) == dumps(old, sort_keys=True))


def _apply(
    locked: LockedTask,
    wanted: Mapping[str, Any],
    parent: Task | None,
    labels: WantedLabels | None,
    *,
    actor: User,
    mentioned: Collection[int],
    closing: Closing,
) -> Task:
    task = locked.task
    relabelled = label_task(task, labels) if labels and locked.target is None else {}
    if not wanted and not relabelled and locked.target is None:
        return task
    if closing.below:
        close_below(locked, closing.below, actor=actor)
    former = parent_of(task) if "parent" in wanted else None
    was_open, now, places = task.is_open, timezone.now(), {task.parent_id}
    changes, written = _set(task, wanted, now=now)
    if "parent" in changes:
        changes["parent"] = (reference_to(former), reference_to(parent))
    _note_done_parent(locked, changes, parent)
    if locked.target is None:
        changes |= relabelled
        _save(task, *written, now=now)
        adjust_counts(locked.project, open_tasks=task.is_open - was_open)
        event = _record(locked, changes, closing.below, actor=actor)
    else:
        event = move_tree(locked, changes, written, labels, was_open=was_open, actor=actor)
    follow(task.pk, dict.fromkeys(mentioned, WatchReason.MENTIONED))
    notify_event(event, mentioned=mentioned)
    if locked.target is not None or {"status", "parent"} & wanted.keys():
        recount_subtasks(places | {task.parent_id})
    closing.end(task, event)
    fault_point("task.changed")
    return task


def _set(task: Task, wanted: Mapping[str, Any], *, now: datetime) -> tuple[dict[str, tuple[Any, Any]], list[str]]:
    """Set the wanted fields; return the changes, and the attributes that are to be saved."""
    changes: dict[str, tuple[Any, Any]] = {}
    for name, value in wanted.items():
        changes[name] = (getattr(task, BY_NAME[name].attribute), value)
        setattr(task, BY_NAME[name].attribute, value)
    written = [BY_NAME[name].attribute for name in wanted]
    if "status" in wanted:
        task.completed_at = _completed_at(task, now=now)
        written.append("completed_at")
    return without_what_follows(task, changes), written


def _completed_at(task: Task, *, now: datetime) -> datetime | None:
    """Return when the task was completed, None while it is not; an undo brings back the former instant."""
    if task.status != Status.DONE:
        return None
    former = former_value("completed_at", task.pk)
    return datetime.fromisoformat(former) if former else now


def _note_done_parent(locked: LockedTask, changes: Changes, parent: Task | None) -> None:
    """Note that the parent is done, and stays so, when an open task comes under it or is opened again (ST7)."""
    task = locked.task
    if parent is not None:
        locked.note(parent_is_done=parent.status == Status.DONE)
    elif task.parent_id is not None and "status" in changes and changes["status"][0] == Status.DONE:
        former = parent_of(task)
        locked.note(parent_is_done=former is not None and former.status == Status.DONE)


def _save(task: Task, *attributes: str, now: datetime) -> None:
    """Write the locked task's attributes as its next version."""
    task.version += 1
    task.updated_at = now
    task.save(update_fields=[*attributes, "version", "updated_at"])


def _record(locked: LockedTask, changes: Changes, closed: Sequence[Task], *, actor: User) -> Activity:
    """Write the event, in the batch of the sub-tasks that were `closed` with it."""
    event = event_of(locked.task, EventType.TASK_UPDATED, changes, verb=verb_of(changes), reordered=locked.reordered)
    batch_id = locked.batch() if closed else None
    if closed:
        locked.note(subtasks_changed=len(closed))
        keep_act(locked.batch(), actor=actor, action=Action.COMPLETE, changed=1 + len(closed))
    return record_event(locked.project.pk, event, actor_id=actor.pk, batch_id=batch_id)
