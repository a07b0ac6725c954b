"""The tasks of a person's day, from one statement."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import DateTimeField, Q, QuerySet
from django.utils import timezone

from apps.common.dates.days import start_of_day
from apps.common.lists.criteria import USER
from apps.common.lists.kept import statement
from apps.common.sql.statements import Parameter
from apps.tasks.models import Status, Task
from apps.users.models import User
from apps.web.tasks.reading import COLUMNS, tasks_of, with_facts

DAYS = 7
LIMIT = 200  # tasks; who has more looks at a list


@dataclass
class Agenda:
    """What is due, by when; `days` are the next seven, each with its tasks."""

    today: date
    overdue: list[Task] = field(default_factory=list)
    due_today: list[Task] = field(default_factory=list)
    coming: list[Task] = field(default_factory=list)
    done: list[Task] = field(default_factory=list)

    @property
    def days(self) -> list[tuple[date, list[Task]]]:
        """Return the next days in order, also those without a task."""
        found: dict[date, list[Task]] = {self.today + timedelta(days=n): [] for n in range(1, DAYS + 1)}
        for task in self.coming:
            found.setdefault(day_of(task), []).append(task)
        return sorted(found.items())[:DAYS]

    @property
    def total(self) -> int:
        """Return how many are for today, done ones included."""
        return len(self.overdue) + len(self.due_today) + len(self.done)


def agenda_of(person: User, *, now: datetime) -> Agenda:
    """Return the agenda of the person's local day; their zone is the active one."""
    today = timezone.localtime(now).date()
    midnight = start_of_day(today)
    end = start_of_day(today + timedelta(days=DAYS + 1))
    rows = statement(("agenda",), _rows).run({"user": person.pk, "midnight": midnight, "end": end})
    agenda = Agenda(today)
    tomorrow = start_of_day(today + timedelta(days=1))
    for task in tasks_of(rows):
        _group(agenda, task, now=now, tomorrow=tomorrow).append(task)
    return agenda


def _rows() -> QuerySet[Any, Any]:
    due = ~Q(status=Status.DONE) & Q(due_date__lt=Parameter("end", DateTimeField()))
    done = Q(status=Status.DONE, completed_at__gte=Parameter("midnight", DateTimeField()))
    mine = Task.objects.found_visible_to(USER).active().filter(due | done, assigned_to=USER)
    return with_facts(mine).order_by("due_date", "pk").values_list(*COLUMNS)[:LIMIT]


def _group(agenda: Agenda, task: Task, *, now: datetime, tomorrow: datetime) -> list[Task]:
    if task.status == Status.DONE or task.due_date is None:
        return agenda.done
    if task.due_on is not None:  # a whole day is over when the reader's day is
        past, is_today = task.due_on < agenda.today, task.due_on == agenda.today
    else:
        past, is_today = task.due_date < now, task.due_date < tomorrow
    return agenda.overdue if past else agenda.due_today if is_today else agenda.coming


def day_of(task: Task) -> date:
    """Return the day on which a task with a date is due, the reader's for an instant."""
    assert task.due_date is not None  # noqa: S101 - the caller has asked for such tasks
    return task.due_on or timezone.localtime(task.due_date).date()
