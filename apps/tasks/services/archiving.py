"""Archiving a task with what is below it, and bringing back what one act archived (contract ST11)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.utils import timezone

from apps.batches.models import Action
from apps.batches.services import keep_act
from apps.common.concurrency import Expected
from apps.common.errors import DomainError, NotFoundError
from apps.common.faults import declare, fault_point
from apps.common.transactions import write
from apps.common.uuid7 import uuid7
from apps.projects.events import EventType
from apps.projects.services import adjust_counts, record_events
from apps.tasks.locking import Authority, LockedTask, lock_task, lock_tasks, require_right, require_state
from apps.tasks.models import Task
from apps.tasks.services.cascading import event_of, notify_others
from apps.tasks.services.saving import save_tasks
from apps.tasks.services.surroundings import Surroundings, failures_of
from apps.tasks.subtasks.counting import recount_subtasks
from apps.tasks.subtasks.placing import parent_of, require_active_parent
from apps.tasks.subtasks.tree import Below, lock_below
from apps.tasks.watching.services import notify_event
from apps.users.models import User

Tree = tuple[LockedTask, list[Task]]  # the root, and all tasks of its tree that go along, itself included

declare("task.archived")


@write
def archive_task(*, actor: User, task: Task, expected: Expected = None, as_administrator: bool = False) -> Task:
    """Take the task, with all below it, out of lists, counts and reminders; once more changes nothing."""
    return _set_archived(Authority(actor, as_administrator), task, expected, archived=True)


@write
def unarchive_task(*, actor: User, task: Task, expected: Expected = None, as_administrator: bool = False) -> Task:
    """Bring an archived task back with what was archived by the same act; once more changes nothing.

    Raises ConflictError `parent_archived` while its parent is.
    """
    return _set_archived(Authority(actor, as_administrator), task, expected, archived=False)


@write
def archive_tasks(
    *, actor: User, tasks: Sequence[Task], expected: Mapping[int, Expected] | None = None
) -> dict[int, DomainError]:
    """Do what `archive_task` does to several tasks, see `update_tasks`; none has anything below that goes along."""
    return _set_each_archived(actor, tasks, expected or {}, archived=True)


@write
def unarchive_tasks(
    *, actor: User, tasks: Sequence[Task], expected: Mapping[int, Expected] | None = None
) -> dict[int, DomainError]:
    """Do what `unarchive_task` does to several tasks, as `archive_tasks`."""
    return _set_each_archived(actor, tasks, expected or {}, archived=False)


def _set_archived(authority: Authority, task: Task, expected: Expected, *, archived: bool) -> Task:
    locked = lock_task(authority, task)
    require_state(locked, expected)
    if locked.task.is_archived != archived:
        if not archived:
            require_active_parent(parent_of(locked.task))
        below = lock_below(locked.task, Below.ACTIVE if archived else Below.ARCHIVED_ALONG)
        locked.note(subtasks_changed=len(below))
        _write([(locked, [locked.task, *below])], archived=archived, actor=authority.user)
    return locked.task


def _set_each_archived(
    actor: User, tasks: Sequence[Task], expected: Mapping[int, Expected], *, archived: bool
) -> dict[int, DomainError]:
    authority = Authority(actor)
    locked = lock_tasks(authority, tasks)
    around = Surroundings(list(locked.values()), authority, {})
    changing: list[Tree] = []

    def judge(task: Task) -> None:
        found = locked.get(task.pk)
        if found is None:
            raise NotFoundError
        require_right(authority, found)
        require_state(found, expected.get(task.pk))
        if found.task.is_archived != archived:
            if not archived:
                require_active_parent(around.parent_of(found.task))
            changing.append((found, [found.task]))

    failures = failures_of(judge, tasks)
    _write(changing, archived=archived, actor=actor)
    return failures


def _write(trees: Sequence[Tree], *, archived: bool, actor: User) -> None:
    """Write the locked tasks, each tree as an act of its own, and the rows of all by one statement."""
    if not trees:
        return
    tasks = [task for _, tree in trees for task in tree]
    were_open = {task.pk for task in tasks if task.is_open}
    now = timezone.now()
    for _, tree in trees:
        act = uuid7()  # not the batch: that may have archived others beside this tree
        for task in tree:
            task.archived_at, task.archive_batch = (now, act) if archived else (None, None)
    save_tasks(tasks, ["archived_at", "archive_batch"], now=now)
    recount_subtasks(task.parent_id for task in tasks)
    for project_id, own in _by_project(trees).items():
        changed = [task for _, tree in own for task in tree]
        adjust_counts(own[0][0].project, open_tasks=sum(task.is_open - (task.pk in were_open) for task in changed))
        _record(project_id, own, archived=archived, actor=actor)
    fault_point("task.archived")


def _by_project(trees: Iterable[Tree]) -> dict[int, list[Tree]]:
    by_project: dict[int, list[Tree]] = {}
    for locked, tree in trees:
        by_project.setdefault(locked.project.pk, []).append((locked, tree))
    return by_project


def _record(project_id: int, trees: Sequence[Tree], *, archived: bool, actor: User) -> None:
    """Write the events of trees of one project; without a running batch there is one tree."""
    changes = {"is_archived": (not archived, archived)}
    event_type = EventType.TASK_ARCHIVED if archived else EventType.TASK_UNARCHIVED
    action = Action.ARCHIVE if archived else Action.UNARCHIVE
    batch_id = trees[0][0].batch()
    events = [event_of(task, event_type, changes) for _, tree in trees for task in tree]
    root, *others = record_events(project_id, events, actor_id=actor.pk, batch_id=batch_id)
    keep_act(batch_id, actor=actor, action=action, changed=len(events))
    notify_event(root)
    notify_others(others, action)
