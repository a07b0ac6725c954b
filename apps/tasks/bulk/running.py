"""One action on many tasks, and the creation of many."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from django.db.models import QuerySet

from apps.batches.models import Action
from apps.common.concurrency import Expected
from apps.common.errors import DomainError, ForbiddenError, ValidationError
from apps.common.lists.criteria import USER
from apps.common.lists.kept import statement
from apps.common.sql.statements import AnyOf, instance
from apps.common.transactions import start_again, write
from apps.projects.models import Project
from apps.projects.roles import Capability, allows
from apps.projects.services import lock_projects
from apps.tasks import services
from apps.tasks.bulk.grouping import in_groups
from apps.tasks.bulk.orders import NewTask, Order
from apps.tasks.bulk.work import Options, Report, attempt, changed, failed, give_turn, give_turns_together, run
from apps.tasks.graph import lock_graph
from apps.tasks.models import Status, Task
from apps.users.models import User

# An act on a whole: a task that it has changed already, through its parent, is unchanged when its turn comes (BU5).
ONCE = {Action.MOVE, Action.ARCHIVE, Action.UNARCHIVE, Action.DELETE, Action.COMPLETE}

# What is read of each task before its turn, which reads the rest under its own lock
LOOKED_AT = ("id", "project_id", "number", "parent_id", "version", "completed_at", "role")


@write
def change_tasks(*, actor: User, ids: Sequence[int], order: Order, options: Options) -> Report:
    """Do `order` to the tasks with these ids, in this order.

    Raises UnprocessableError `bulk_failed` with the results where one failure rejects all.
    """
    work = partial(give_turns, actor=actor, ids=ids, order=order)
    return run(work, actor=actor, action=order.action, options=options)


def give_turns(report: Report, *, actor: User, ids: Sequence[int], order: Order) -> None:
    """Do `order` to the tasks with these ids, in this order, and add what became of them."""
    tasks = _locked(actor, ids, order)
    for group in in_groups(ids, tasks, order):
        if len(group) == 1:
            (task_id,) = group
            give_turn(report, tasks.get(task_id), partial(_act, actor, order, report), task_id=task_id)
        else:
            together = partial(_act_together, actor, order)
            give_turns_together(report, group, tasks, together, judge=partial(_judge, order, report))


@write
def create_tasks(*, actor: User, orders: Sequence[NewTask | DomainError], options: Options) -> Report:
    """Create tasks in this order; an order may be what is wrong with its item.

    Raises UnprocessableError `bulk_failed` with the results where one failure rejects all.
    """

    def work(report: Report) -> None:
        made: dict[int, int] = {}  # ids by position
        for position, order in enumerate(orders):
            task_id = _create(report, order, made, actor=actor)
            if task_id is not None:
                made[position] = task_id

    return run(work, actor=actor, action=Action.CREATE, options=options)


def _create(report: Report, order: NewTask | DomainError, made: Mapping[int, int], *, actor: User) -> int | None:
    """Create a task, add what became of it, and return its id."""
    try:
        task, events = attempt(report, lambda: services.create_task(actor=actor, **_fields_of(order, made)))
    except DomainError as error:
        report.items.append(failed(None, error))
        return None
    item = changed(task.pk, [event for event in events if event.task_id == task.pk])
    if report.options.dry_run:
        item.task_id, item.task_key = None, ""  # the run will hand out others
    report.items.append(item)
    return task.pk


def _fields_of(order: NewTask | DomainError, made: Mapping[int, int]) -> dict[str, Any]:
    """Return what `create_task` takes; raises what is wrong with the item."""
    if isinstance(order, DomainError):
        raise order
    if order.above is None:
        return dict(order.fields)
    if order.above not in made:
        raise ValidationError.at("/parent", "does_not_exist", "The parent could not be created.")
    return {**order.fields, "parent": made[order.above]}


def _locked(actor: User, ids: Sequence[int], order: Order) -> dict[int, Task]:
    """Return the visible ones of the tasks, after locking their projects and the target in the order of ids."""
    if order.changes.get("parent") is not None:
        lock_graph()  # before all others (L1)
    target = order.changes.get("project")
    values = {"user": actor.pk, "ids": list(ids)}
    visible = statement(("tasks of a bulk change",), _visible)
    places = {project_id for _, project_id, *_ in visible.run(values)}
    if target is not None and Project.objects.visible_to(actor).filter(pk=target).exists():
        places.add(target)
    projects = lock_projects(places)
    found: dict[int, Task] = {}
    for pk, project_id, *rest in visible.run(values):
        if project_id not in projects:  # it has moved there meanwhile
            start_again()
            projects |= lock_projects([project_id])
        found[pk] = instance(Task, LOOKED_AT, [pk, project_id, *rest], project=projects[project_id])
    return found


def _visible() -> QuerySet[Task, Any]:
    return Task.objects.visible_to(USER).filter(AnyOf("id", "ids")).values_list(*LOOKED_AT)


def _judge(order: Order, report: Report, task: Task) -> bool:
    """Return whether the task has a turn, which what changed it through its parent has had; raises what it fails with.

    What is wrong with the order's values is each task's error.
    """
    if order.action in ONCE and report.events_of(task.pk):
        return False
    if order.fault is not None:
        if not allows(task.role, Capability.WRITE_TASKS):
            raise ForbiddenError
        raise order.fault
    return True


def _act(actor: User, order: Order, report: Report, task: Task) -> None:
    if _judge(order, report, task):
        expected = _expected(order).get(task.pk)
        ACTS[order.action](actor=actor, task=task, expected=expected, **_arguments(order))


def _act_together(actor: User, order: Order, tasks: Sequence[Task]) -> dict[int, DomainError]:
    expected = _expected(order)
    return ACTS_ON_MANY[order.action](actor=actor, tasks=tasks, expected=expected, **_arguments(order))


def _expected(order: Order) -> dict[int, Expected]:
    return {task_id: frozenset({version}) for task_id, version in order.versions.items()}


def _arguments(order: Order) -> dict[str, Any]:
    changes = dict(order.changes)
    option = {"on_subtasks": changes.pop("on_subtasks", None)}
    if order.action == Action.MOVE:
        return {"changes": changes}
    if order.action == Action.UPDATE:
        return {"changes": changes} | option
    return {"changes": {"status": Status.DONE}} | option if order.action == Action.COMPLETE else {}


ACTS: Mapping[str, Callable[..., Any]] = {
    Action.UPDATE: services.update_task,
    Action.MOVE: services.update_task,
    Action.COMPLETE: services.update_task,
    Action.ARCHIVE: services.archive_task,
    Action.UNARCHIVE: services.unarchive_task,
    Action.DELETE: services.delete_task,
}
ACTS_ON_MANY: Mapping[str, Callable[..., dict[int, DomainError]]] = {
    Action.UPDATE: services.update_tasks,
    Action.COMPLETE: services.update_tasks,
    Action.ARCHIVE: services.archive_tasks,
    Action.UNARCHIVE: services.unarchive_tasks,
}
