"""Changing a task: edit, assign, change the status, move, archive."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from json import dumps
from typing import Any

from django.utils import timezone

from apps.batches.context import batch_id_of_act
from apps.batches.models import Action
from apps.batches.services import keep_act
from apps.common.concurrency import Expected
from apps.common.faults import declare, fault_point
from apps.common.transactions import write
from apps.projects.events import EventType
from apps.projects.models import Activity
from apps.projects.services import Event, adjust_counts, record_event
from apps.tasks.attachments.services import carry_files
from apps.tasks.comments.services import people_named, store_mentions
from apps.tasks.fields import BY_NAME, FIELDS, verb_of
from apps.tasks.labels.services import WantedLabels, find_labels, label_task, relabel_moved
from apps.tasks.locking import Authority, LockedTask, lock_task, require_assignable, require_state
from apps.tasks.models import Status, Task, WatchReason
from apps.tasks.order.services import take_in_task
from apps.tasks.services.closing import Closing, begin_closing
from apps.tasks.watching.services import follow, keep_members, notify_event
from apps.users.models import User

Changes = Mapping[str, tuple[Any, Any]]

declare("task.changed")
# Changes of one task that can be undone (contract BU8), with the name of the act
UNDOABLE = {
    EventType.TASK_MOVED_IN: Action.MOVE,
    EventType.TASK_ARCHIVED: Action.ARCHIVE,
    EventType.TASK_UNARCHIVED: Action.UNARCHIVE,
}
SIDED = ("project", "key", "labels")  # what a move has another value of in each project


@write
def update_task(
    *,
    actor: User,
    task: Task,
    changes: Mapping[str, Any],
    expected: Expected = None,
    as_administrator: bool = False,
    reordered: Sequence[int] = (),
) -> Task:
    """Set the fields in `changes` (API names; ids for `project` and `assigned_to`); one version for all.

    What stays the same changes nothing and notifies nobody. Another `project` moves the task: it takes the
    next number there, its files and labels come along, and an assignee who is no member there is cleared.
    Labels are lists of ids: `labels` is the whole set, `labels_add` and `labels_remove` are changes against it.
    `reordered` are the tasks that got another rank in the same act; the event names them.
    Raises NotFoundError, ForbiddenError, ValidationError at /project, /assigned_to, /description or a label,
    PreconditionFailed, ConflictError `project_archived`, `blocked` or `too_many_labels`, in this order.
    """
    authority = Authority(actor, as_administrator)
    locked = lock_task(authority, task, people=[changes.get("assigned_to")], target_id=changes.get("project"))
    locked.reordered = reordered
    wanted = _wanted(locked, changes)
    named = people_named(
        wanted.get("description", ""), project_id=locked.destination.project.pk, pointer="/description"
    )
    labels = find_labels(locked.destination.project.pk, changes)
    require_state(locked, expected)
    closing = begin_closing(locked, wanted, authority)
    mentioned: set[int] = set()
    if "description" in wanted:
        mentioned = store_mentions(locked.task, named, is_new=False) - {actor.pk}
    return _apply(locked, wanted, labels, actor=actor, mentioned=mentioned, closing=closing)


def assign_task(*, actor: User, task: Task, assigned_to: int | None, expected: Expected = None) -> Task:
    """Give the task to a member of its project, or to nobody; raises what `update_task` raises."""
    return update_task(actor=actor, task=task, changes={"assigned_to": assigned_to}, expected=expected)


def change_task_status(*, actor: User, task: Task, status: str, expected: Expected = None) -> Task:
    """Set the status; `completed_at` follows. Raises what `update_task` raises."""
    return update_task(actor=actor, task=task, changes={"status": status}, expected=expected)


@write
def archive_task(*, actor: User, task: Task, expected: Expected = None, as_administrator: bool = False) -> Task:
    """Take the task not visible of lists, counts and reminders; once more changes nothing."""
    return _set_archived(Authority(actor, as_administrator), task, expected, archived=True)


@write
def unarchive_task(*, actor: User, task: Task, expected: Expected = None, as_administrator: bool = False) -> Task:
    """Bring an archived task back; once more changes nothing."""
    return _set_archived(Authority(actor, as_administrator), task, expected, archived=False)


def _set_archived(authority: Authority, task: Task, expected: Expected, *, archived: bool) -> Task:
    locked = lock_task(authority, task)
    require_state(locked, expected)
    task = locked.task
    if task.is_archived == archived:
        return task
    was_open = task.is_open
    now = timezone.now()
    task.archived_at = now if archived else None
    _save(task, "archived_at", now=now)
    adjust_counts(locked.project, open_tasks=task.is_open - was_open)
    task.batch_id = batch_id_of_act()
    _report(
        locked,
        {"is_archived": (not archived, archived)},
        actor=authority.user,
        event_type=EventType.TASK_ARCHIVED if archived else EventType.TASK_UNARCHIVED,
    )
    return task


def _wanted(locked: LockedTask, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields that would change; ValidationError for an assignee from outside.

    An assignee who merely stays and is no member of the target is cleared.
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
    return wanted


def _same(new: Any, old: Any) -> bool:
    """Compare as JSON does: for Python, 1 and True are equal inside an object."""
    return bool(new == old) and (not isinstance(new, dict) or dumps(new, sort_keys=True) == dumps(old, sort_keys=True))


def _apply(
    locked: LockedTask,
    wanted: Mapping[str, Any],
    labels: WantedLabels | None,
    *,
    actor: User,
    mentioned: Collection[int],
    closing: Closing,
) -> Task:
    task = locked.task
    relabelled = label_task(task, labels) if locked.target is None else {}
    if not wanted and not relabelled and locked.target is None:
        return task
    was_open, now = task.is_open, timezone.now()
    changes: dict[str, tuple[Any, Any]] = {}
    for name, value in wanted.items():
        changes[name] = (getattr(task, BY_NAME[name].attribute), value)
        setattr(task, BY_NAME[name].attribute, value)
    written = [BY_NAME[name].attribute for name in wanted]
    task.batch_id = batch_id_of_act() if locked.target else None  # what can be undone is a batch (contract BU8)
    if "status" in wanted:
        task.completed_at = now if task.status == Status.DONE else None
        written.append("completed_at")
    if locked.target is None:
        changes |= relabelled
        _save(task, *written, now=now)
        adjust_counts(locked.project, open_tasks=task.is_open - was_open)
    else:
        changes |= _move(locked, written, was_open=was_open, now=now)
        changes |= _relabel(task, labels, actor=actor)
    follow(task.pk, dict.fromkeys(mentioned, WatchReason.MENTIONED))
    if locked.target is None:
        event = _report(locked, changes, actor=actor, verb=verb_of(changes), mentioned=mentioned)
    else:
        event = _report(locked, changes, actor=actor, event_type=EventType.TASK_MOVED_IN, mentioned=mentioned)
    closing.end(task, event)
    fault_point("task.changed")
    return task


def _move(locked: LockedTask, written: list[str], *, was_open: bool, now: datetime) -> dict[str, tuple[Any, Any]]:
    """Carry the task, its files and its place in the counts to the target; return the changes."""
    assert locked.target is not None  # noqa: S101 - the caller asked
    task, source, target = locked.task, locked.project, locked.target.project
    old_key = task.key
    slot = take_in_task(target, is_open=task.is_open)
    task.project, task.number, task.rank = target, slot.number, slot.rank
    _save(task, "project", "number", "rank", *written, now=now)
    keep_members([task.pk])
    carry_files(task, source=source, target=target)
    adjust_counts(source, tasks=-1, open_tasks=-int(was_open))
    return {"project": (source.pk, target.pk), "key": (old_key, task.key)}


def _relabel(task: Task, labels: WantedLabels | None, *, actor: User) -> dict[str, tuple[Any, Any]]:
    """Give the task that has just moved the labels of its new project; return the change, if it names others."""
    relabelled = relabel_moved(task, labels, actor_id=actor.pk, batch_id=task.batch_id)
    if relabelled.dropped:
        task.effects = {**(task.effects or {}), "dropped_labels": relabelled.dropped}
    return relabelled.changes


def _save(task: Task, *attributes: str, now: datetime) -> None:
    """Write the locked task's attributes as its next version."""
    task.version += 1
    task.updated_at = now
    task.save(update_fields=[*attributes, "version", "updated_at"])


def _report(
    locked: LockedTask,
    changes: Changes,
    *,
    actor: User,
    event_type: EventType = EventType.TASK_UPDATED,
    verb: str = "",
    mentioned: Collection[int] = (),
) -> Activity:
    """Write the event, notify people and return it; a move is an event of both projects, each with its own side."""
    task, destination, batch_id = locked.task, locked.destination, locked.task.batch_id
    if locked.target is not None:
        left = {name: (changes[name][0], None) for name in SIDED if name in changes}
        event = Event(
            type=EventType.TASK_MOVED_OUT,
            changes=left,
            version=task.version,
            task_id=task.pk,
            task_key=changes["key"][0],
        )
        record_event(locked.project.pk, event, actor_id=actor.pk, batch_id=batch_id)
        # A member of one of the two projects only must learn nothing of the other.
        changes = {**changes, **{name: (None, changes[name][1]) for name in SIDED if name in changes}}
    event = Event(
        type=event_type,
        verb=verb,
        changes=changes,
        version=task.version,
        object_ids=locked.reordered or None,
        task_id=task.pk,
        task_key=task.key,
    )
    recorded = record_event(destination.project.pk, event, actor_id=actor.pk, batch_id=batch_id)
    if batch_id is not None:
        keep_act(batch_id, actor=actor, action=UNDOABLE[event_type], changed=1)
    notify_event(recorded, mentioned=mentioned)
    return recorded
