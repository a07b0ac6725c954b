"""The demo's people at work: what is due today and in the next days, what they finished today and threw away."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from apps.common.dates.days import zone_named
from apps.projects.models import Project
from apps.tasks.models import Status, Task
from apps.tasks.services import change_task_status, delete_task, update_task
from apps.users.models import User

PROJECTS = 3  # whose tasks are planned
UNTOUCHED = 16  # first tasks of a project, which have the trees and the conversations
# Days from today, and the hour where it is not for the whole day
PLAN = ((0, 16), (0, None), (1, None), (2, 10), (4, None), (6, None))
FINISHED = 2  # tasks of each person today
DISCARDED = 2  # projects with something in the trash


def plan_days(projects: Sequence[Project], people: Sequence[User], *, now: datetime) -> None:
    """Give each of the people tasks with dates from today on, through the services; a small demo has none to give."""
    tasks = iter(_spare_tasks(projects[:PROJECTS]).order_by("number", "pk"))
    for person in people:
        for days, hour in PLAN:
            if task := next(tasks, None):
                due = _due(person, now=now, days=days, hour=hour)
                update_task(actor=person, task=task, changes={"assigned_to": person.pk, **due})
        for task in (next(tasks, None) for _ in range(FINISHED)):
            if task:
                update_task(actor=person, task=task, changes={"assigned_to": person.pk})
                change_task_status(actor=person, task=task, status=Status.DONE)


def fill_trash(projects: Sequence[Project]) -> None:
    """Put the last task of each of the first projects into the trash, by its owner."""
    for project in projects[:DISCARDED]:
        if task := _spare_tasks([project]).order_by("-number").first():
            delete_task(actor=project.owner, task=task)


def _spare_tasks(projects: Sequence[Project]) -> QuerySet[Task]:
    spare = Task.objects.filter(project__in=projects, number__gt=UNTOUCHED, parent=None, subtasks_total=0)
    return spare.exclude(status=Status.DONE)


def _due(person: User, *, now: datetime, days: int, hour: int | None) -> dict[str, Any]:
    day = timezone.localtime(now, zone_named(person.timezone)).date() + timedelta(days=days)
    if hour is None:
        return {"due_on": day}
    return {"due_date": datetime.combine(day, time(hour), tzinfo=zone_named(person.timezone))}
