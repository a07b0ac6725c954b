"""Writing what was judged of locked tasks: their rows, labels, counts, events and notifications."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils import timezone

from apps.batches.context import former_value
from apps.batches.models import Action
from apps.batches.services import keep_act
from apps.common.dates.instants import utc
from apps.common.faults import declare, fault_point
from apps.projects.events import EventType
from apps.projects.models import Activity
from apps.projects.services import record_events
from apps.tasks.comments.services import Named, store_mentions
from apps.tasks.days.settling import without_what_follows
from apps.tasks.fields import BY_NAME, verb_of
from apps.tasks.labels.services import Relabelling, WantedLabels, label_tasks
from apps.tasks.locking import LockedTask
from apps.tasks.models import Status, Task, WatchReason
from apps.tasks.services.cascading import close_below, event_of
from apps.tasks.services.closing import Closing, end_closings
from apps.tasks.services.moving import move_tree
from apps.tasks.services.saving import save_tasks
from apps.tasks.services.surroundings import Surroundings
from apps.tasks.subtasks.counting import recount_subtasks
from apps.tasks.subtasks.placing import parent_of, reference_to
from apps.tasks.watching.services import follow, notify_event
from apps.users.models import User

declare("task.changed")


@dataclass
class Edit:
    """What is judged of the change of one locked task, and then, while it is written, what became of it.

    `wanted` are its fields that change, `parent` the new one, `labels` what the write says of labels, `relabelling`
    what that does where the task stays in its project, and `named` who is named in a new description. `can_undo` keeps
    the change as a batch, even where the task alone changes.
    """

    locked: LockedTask
    wanted: dict[str, Any]
    parent: Task | None
    labels: WantedLabels | None
    relabelling: Relabelling | None
    named: Sequence[Named]
    closing: Closing
    can_undo: bool = False
    mentioned: set[int] = field(default_factory=set)
    changes: dict[str, Any] = field(default_factory=dict)
    written: list[str] = field(default_factory=list)
    was_open: bool = False
    former_parent_id: int | None = None
    former_completed_at: datetime | None = None

    @property
    def task(self) -> Task:
        """Return the locked task."""
        return self.locked.task

    @property
    def is_move(self) -> bool:
        """Return whether the task leaves its project."""
        return self.locked.target is not None

    @property
    def changes_something(self) -> bool:
        """Return whether there is anything to write."""
        return bool(self.wanted) or self.relabelling is not None or self.is_move

    @property
    def counts_in_parents(self) -> bool:
        """Return whether the numbers of sub-tasks of a parent may change."""
        return self.is_move or "parent" in self.wanted or Status.DONE in self.changes.get("status", ())


def write_edits(edits: Sequence[Edit], around: Surroundings) -> None:
    """Write the edits, in their order, each table by one statement for all that stay in their project."""
    edits = [edit for edit in edits if edit.changes_something]
    if not edits:
        return
    actor, now = around.authority.user, timezone.now()
    relabellings = [edit.relabelling for edit in edits if edit.relabelling is not None]
    relabelled = label_tasks(relabellings) if relabellings else {}
    for edit in edits:
        if "description" in edit.wanted:
            edit.mentioned = store_mentions(edit.task, edit.named, is_new=False) - {actor.pk}
        if edit.closing.below:
            close_below(edit.locked, edit.closing.below, actor=actor)
        _set(edit, around, now=now)
        if edit.task.pk in relabelled:
            edit.changes["labels"] = relabelled[edit.task.pk]
    events = _save(edits, actor=actor, now=now)
    for edit in edits:
        follow(edit.task.pk, dict.fromkeys(edit.mentioned, WatchReason.MENTIONED))
        notify_event(events[edit.task.pk], mentioned=edit.mentioned)
    counted = [edit for edit in edits if edit.counts_in_parents]
    recount_subtasks({edit.former_parent_id for edit in counted} | {edit.task.parent_id for edit in counted})
    end_closings([(edit.task, edit.closing) for edit in edits], events[edits[-1].task.pk])
    fault_point("task.changed")


def _save(edits: Sequence[Edit], *, actor: User, now: datetime) -> dict[int, Activity]:
    """Write rows, counts and events; return the tasks' events."""
    events: dict[int, Activity] = {}
    staying: dict[int, list[Edit]] = {}  # by project
    for edit in edits:
        if edit.is_move:
            events[edit.task.pk] = move_tree(
                edit.locked, edit.changes, edit.written, edit.labels, was_open=edit.was_open, actor=actor, now=now
            )
        else:
            staying.setdefault(edit.locked.project.pk, []).append(edit)
    stay = [edit for group in staying.values() for edit in group]
    save_tasks([edit.task for edit in stay], {name for edit in stay for name in edit.written}, now=now)
    for group in staying.values():
        for event in _record(group, actor=actor):
            events[event.task_id or 0] = event
    return events


def _set(edit: Edit, around: Surroundings, *, now: datetime) -> None:
    """Set the wanted fields of the task; note in the edit what that changes and which attributes are to be saved."""
    task, changes = edit.task, {}
    former = parent_of(task) if "parent" in edit.wanted else None
    edit.was_open, edit.former_parent_id = task.is_open, task.parent_id
    edit.former_completed_at = task.completed_at
    for name, value in edit.wanted.items():
        changes[name] = (getattr(task, BY_NAME[name].attribute), value)
        setattr(task, BY_NAME[name].attribute, value)
    edit.written = [BY_NAME[name].attribute for name in edit.wanted]
    if "status" in edit.wanted:
        task.completed_at = _completed_at(task, now=now)
        edit.written.append("completed_at")
    edit.changes = without_what_follows(task, changes) if "due_date" in changes else changes
    if "parent" in edit.changes:
        edit.changes["parent"] = (reference_to(former), reference_to(edit.parent))
    _note_done_parent(edit, around)


def _completed_at(task: Task, *, now: datetime) -> datetime | None:
    """Return when the task was completed, None while it is not; an undo brings back the former instant."""
    if task.status != Status.DONE:
        return None
    former = former_value("completed_at", task.pk)
    return datetime.fromisoformat(former) if former else now


def _note_done_parent(edit: Edit, around: Surroundings) -> None:
    """Note that the parent is done, and stays so, when an open task comes under it or is opened again (ST7)."""
    task, changes = edit.task, edit.changes
    if edit.parent is not None:
        task.note(parent_is_done=edit.parent.status == Status.DONE)
    elif task.parent_id is not None and "status" in changes and changes["status"][0] == Status.DONE:
        former = around.parent_of(task)
        task.note(parent_is_done=former is not None and former.status == Status.DONE)


def _record(edits: Sequence[Edit], *, actor: User) -> list[Activity]:
    """Write count and events of tasks of one project, in the batch of the sub-tasks that were closed with one."""
    project = edits[0].locked.project
    opened = sum(edit.task.is_open - edit.was_open for edit in edits)
    project.open_tasks_count += opened
    batch_id = None
    for edit in edits:
        if below := edit.closing.below:
            batch_id = edit.locked.batch()
            edit.task.note(subtasks_changed=len(below))
            keep_act(batch_id, actor=actor, action=Action.COMPLETE, changed=1 + len(below))
        elif edit.can_undo:
            batch_id = edit.locked.batch()
            keep_act(batch_id, actor=actor, action=Action.UPDATE, changed=1, former=_former(edit))
    events = [
        event_of(
            edit.task,
            EventType.TASK_UPDATED,
            edit.changes,
            verb=verb_of(edit.changes),
            reordered=edit.locked.reordered,
        )
        for edit in edits
    ]
    return record_events(project.pk, events, actor_id=actor.pk, batch_id=batch_id, open_tasks=opened)


def _former(edit: Edit) -> dict[str, dict[int, str]]:
    """Return what an undo brings back and the event does not say."""
    if edit.former_completed_at is None or "status" not in edit.changes:
        return {}
    return {"completed_at": {edit.task.pk: utc(edit.former_completed_at)}}
