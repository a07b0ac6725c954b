"""Changing a task: edit, assign, change the status, place under a parent, move."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from json import dumps
from typing import Any

from apps.common.concurrency import Expected
from apps.common.errors import DomainError, NotFoundError
from apps.common.transactions import write
from apps.tasks.comments.services import Named, people_named
from apps.tasks.days.settling import settle
from apps.tasks.fields import FIELDS
from apps.tasks.labels.services import Relabelling
from apps.tasks.locking import (
    Authority,
    LockedTask,
    lock_task,
    lock_tasks,
    require_assignable,
    require_right,
    require_state,
)
from apps.tasks.models import Status, Task
from apps.tasks.services.closing import Closing, begin_closing
from apps.tasks.services.edits import Edit, write_edits
from apps.tasks.services.surroundings import Surroundings, failures_of
from apps.tasks.subtasks.placing import find_parent, lock_graph_for, require_place
from apps.users.models import User

DUE = {"due_on", "due_date", "assigned_to"}  # what the two fields of a date follow


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
    can_undo: bool = False,
) -> Task:
    """Set the fields in `changes` (API names; ids for `project`, `parent` and `assigned_to`); one version for all.

    What stays the same changes nothing and notifies nobody. Another `project` moves the task with all below it: they
    take the next numbers there, their files and labels come along, and an assignee who is no member there is cleared.
    Labels are lists of ids: `labels` is the whole set, `labels_add` and `labels_remove` are changes against it.
    `on_subtasks` goes before the project's `on_parent_done` when the task is set to done.
    `reordered` are the tasks that got another rank in the same act; the event names them. `can_undo` keeps the act as
    a batch of its own, whose id the task then has.
    Raises NotFoundError, ForbiddenError, ValidationError at /project, /assigned_to, /parent, /description or a label,
    PreconditionFailed, ConflictError `project_archived`, `blocked`, `too_many_labels` and those of trees.
    """
    authority = Authority(actor, as_administrator)
    if changes.get("parent") is not None:
        lock_graph_for(task, changes)
    locked = lock_task(authority, task, people=[changes.get("assigned_to")], target_id=changes.get("project"))
    locked.reordered = reordered
    around = Surroundings([locked], authority, changes)
    edit = judge_edit(locked, around, known=task, on_subtasks=on_subtasks, expected=expected)
    edit.can_undo = can_undo
    write_edits([edit], around)
    return locked.task


@write
def update_tasks(
    *,
    actor: User,
    tasks: Sequence[Task],
    changes: Mapping[str, Any],
    on_subtasks: str | None = None,
    expected: Mapping[int, Expected] | None = None,
) -> dict[int, DomainError]:
    """Do what `update_task` does to several tasks, which neither move nor get another parent, in this order.

    All are judged before the first is written; each statement is for all of them. None of them may change another one
    (as a parent that closes its sub-tasks does). `expected` is by the task's id. Returns by id what `update_task` would
    have raised; the others are written.
    """
    authority = Authority(actor)
    locked = lock_tasks(authority, tasks, people=[changes.get("assigned_to")])
    around = Surroundings(list(locked.values()), authority, changes)
    edits: list[Edit] = []

    def judge(task: Task) -> None:
        found = locked.get(task.pk)
        if found is None:
            raise NotFoundError
        require_right(authority, found)
        wanted = (expected or {}).get(task.pk)
        edits.append(judge_edit(found, around, known=task, on_subtasks=on_subtasks, expected=wanted))

    failures = failures_of(judge, tasks)
    write_edits(edits, around)
    return failures


def judge_edit(
    locked: LockedTask, around: Surroundings, *, known: Task, on_subtasks: str | None, expected: Expected
) -> Edit:
    """Return what the changes do to a locked task; `known` is the one of `find_parent`.

    Raises what `update_task` raises.
    """
    authority, place = around.authority, locked.destination.project
    wanted = _wanted(locked, around)
    parent = None
    if wanted.get("parent") is not None:
        parent = find_parent(locked, wanted, authority=authority, known=known)
    named: Sequence[Named] = ()
    if "description" in wanted:
        named = people_named(wanted["description"], project_id=place.pk, pointer="/description")
    labels = around.labels(place.pk)
    require_state(locked, expected)
    if parent is not None:
        require_place(parent, authority=authority, task=locked.task)
    is_done = wanted.get("status") == Status.DONE
    closing = begin_closing(locked, around, on_subtasks=on_subtasks) if is_done else Closing()
    relabelling = None
    if labels is not None and locked.target is None:
        relabelling = Relabelling.judged(locked.task, around.carried.get(locked.task.pk, []), labels)
    if closing.is_about_done:
        around.blocking.count_as_done([locked.task])
    return Edit(locked, wanted, parent, labels, relabelling, named, closing)


def assign_task(*, actor: User, task: Task, assigned_to: int | None, expected: Expected = None) -> Task:
    """Give the task to a member of its project, or to nobody; raises what `update_task` raises."""
    return update_task(actor=actor, task=task, changes={"assigned_to": assigned_to}, expected=expected)


def change_task_status(
    *, actor: User, task: Task, status: str, on_subtasks: str | None = None, expected: Expected = None
) -> Task:
    """Set the status; `completed_at` follows. Raises what `update_task` raises."""
    return update_task(actor=actor, task=task, changes={"status": status}, on_subtasks=on_subtasks, expected=expected)


def _wanted(locked: LockedTask, around: Surroundings) -> dict[str, Any]:
    """Return the fields that would change; ValidationError for an assignee from outside.

    An assignee who merely stays and is no member of the target is cleared, and so is a parent who stays behind.
    """
    task, place, changes = locked.task, locked.destination, around.changes
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
    return settle(task, wanted, zones=around.zones) if wanted.keys() & DUE else wanted


def _same(new: Any, old: Any) -> bool:
    """Compare as JSON does: for Python, 1 and True are equal inside an object."""
    return bool(new == old) and (not isinstance(new, dict) or dumps(new, sort_keys=True) == dumps(old, sort_keys=True))
