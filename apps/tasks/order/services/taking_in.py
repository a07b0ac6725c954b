"""The number and the place that tasks get in the project they come into."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.db.models import Max

from apps.common.sql.statements import bound, prepared
from apps.projects.models import NewTasks, Project
from apps.tasks.models import Task
from apps.tasks.order.keys import keys_between

# The statement that takes the numbers also reads the end of the order: a creation needs no further one.
TAKE = """
UPDATE projects_project AS project SET
    last_task_number = last_task_number + %(tasks)s,
    tasks_count = tasks_count + %(tasks)s,
    open_tasks_count = open_tasks_count + %(open)s
WHERE id = %(project)s
RETURNING last_task_number, tasks_count, open_tasks_count, new_tasks, CASE new_tasks
    WHEN 'first' THEN (SELECT min(rank) FROM tasks_task WHERE project_id = project.id)
    ELSE (SELECT max(rank) FROM tasks_task WHERE project_id = project.id)
END
"""


class Slot(NamedTuple):
    """What a task that comes into a project gets there."""

    number: int
    rank: str


def take_in_task(project: Project, *, is_open: bool) -> Slot:
    """Count a task that comes into the locked project, see `take_in_tasks`."""
    return take_in_tasks(project, tasks=1, open_tasks=int(is_open))[0]


def take_in_tasks(project: Project, *, tasks: int, open_tasks: int) -> list[Slot]:
    """Count tasks that come into the locked project; return their numbers and ranks there, in their own order (RK7).

    They go to the end that the project's `new_tasks` names. The numbers are taken in the transaction: a creation that
    fails gives them back, one that commits uses them for good.
    """
    values = {"project": project.pk, "tasks": tasks, "open": open_tasks}
    rows, _ = prepared(TAKE, {name: bound(value) for name, value in values.items()})
    project.last_task_number, project.tasks_count, project.open_tasks_count, new_tasks, edge = rows[0]
    ranks = keys_between(None, edge, tasks) if new_tasks == NewTasks.FIRST else keys_between(edge, None, tasks)
    first = project.last_task_number - tasks + 1
    return [Slot(number, rank) for number, rank in enumerate(ranks, first)]


def take_back_ranks(project: Project, ranks: Sequence[str | None]) -> list[str]:
    """Return these ranks of the locked project for tasks that come back; those in use, or unknown, at the end."""
    named = [rank for rank in ranks if rank is not None]
    used = set(Task.objects.filter(project=project, rank__in=named).values_list("rank", flat=True))
    lost = [rank for rank in ranks if rank is None or rank in used]
    if not lost:
        return named
    edge = Task.objects.filter(project=project).aggregate(edge=Max("rank"))["edge"]
    last = max([edge or "", *named]) or None
    new = iter(keys_between(last, None, len(lost)))
    return [next(new) if rank is None or rank in used else rank for rank in ranks]
