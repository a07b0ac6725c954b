"""A project's tasks by the day on which they are due."""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from apps.common.errors import ValidationError
from apps.tasks.models import Task
from apps.web.base.access import find_project
from apps.web.base.patience import within_filter_limit
from apps.web.base.views import PageView
from apps.web.tasks.forms import members_of
from apps.web.tasks.lists import BY_GROUP
from apps.web.tasks.project_views import filters_of, frame_of, with_project
from apps.web.tasks.reading import TaskRows

MONTH = re.compile(r"([1-9][0-9]{3})-(0[1-9]|1[0-2])", re.ASCII)
FIRST_YEAR = 1000  # that MONTH takes
WEEK = 7
LIMIT = 500  # tasks of a month; a day that is cut says how many more there are
SHOWN = 6  # of a day


@dataclass(frozen=True)
class Day:
    """A day of the grid with its tasks."""

    date: date
    tasks: list[Task]
    is_outside: bool
    is_today: bool

    @property
    def shown(self) -> list[Task]:
        """Return the tasks that the cell has room for."""
        return self.tasks[:SHOWN]

    @property
    def more(self) -> int:
        """Return how many it has no room for."""
        return len(self.tasks) - len(self.shown)


class CalendarPage(PageView):
    """A month, `month=2026-12`; the present one without it."""

    template_name = "web/tasks/calendar.html"

    @within_filter_limit
    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        project = find_project(self.actor, pk)
        request.GET = with_project(request, project)
        first = take_month(request)
        people = members_of(project)
        here = {"here": reverse("project-calendar", args=[pk]), "layout": "calendar"}
        frame = frame_of(project, people=people) | filters_of(request, project, people=people) | here
        return self.page(**month_of(TaskRows(request, BY_GROUP), first), **frame)


def take_month(request: HttpRequest) -> date:
    """Return the first day of the month that the query names, and leave the filters in the query."""
    first = read_month(request.GET.get("month", ""))
    query = request.GET.copy()
    query.pop("month", None)
    request.GET = query  # type: ignore[assignment]  # as `read_list` does
    return first


def month_of(rows: TaskRows, first: date) -> dict[str, Any]:
    """Return the weeks of a month with the tasks of `rows` that are due in them, and the months beside it."""
    days = weeks_of(first)
    by_day: dict[date, list[Task]] = {}
    for task in rows.read_days(days[0][0], days[-1][-1], LIMIT):
        assert task.due_date is not None  # noqa: S101 - the filter has seen to it
        by_day.setdefault(task.due_on or timezone.localtime(task.due_date).date(), []).append(task)
    today = timezone.localdate()
    weeks = [[Day(day, by_day.get(day, []), day.month != first.month, day == today) for day in week] for week in days]
    beside = {"previous": moved(first, -1), "following": moved(first, 31)}
    return {"first": first, "weeks": weeks, "today": today, **beside}


def weeks_of(first: date) -> list[list[date]]:
    """Return the days of a month in whole weeks; the last one ends with the last day that there is."""
    days = calendar.Calendar().itermonthdays3(first.year, first.month)
    known = [date(*day) for day in days if day[0] <= MAXYEAR]
    return [known[start : start + WEEK] for start in range(0, len(known), WEEK)]


def moved(day: date, days: int) -> date | None:
    """Return the day so many days later, None where no month of the calendar has it."""
    try:
        found = day + timedelta(days=days)
    except OverflowError:
        return None
    return found if found.year >= FIRST_YEAR else None


def read_month(text: str) -> date:
    """Return the first day of the month that is named; ValidationError for what is none."""
    if not text:
        return timezone.localdate().replace(day=1)
    found = MONTH.fullmatch(text)
    if found is None:
        raise ValidationError.at("/month", "invalid", gettext("Name a month such as 2026-12."))
    return date(int(found[1]), int(found[2]), 1)
