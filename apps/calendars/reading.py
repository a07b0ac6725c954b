"""Which tasks a feed has: those of its view, or its owner's open ones (contract IC1)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple

from django.db.models import DateTimeField, QuerySet
from django.http import QueryDict
from django.utils import timezone

from apps.calendars.models import CalendarFeed
from apps.common.errors import ConflictError, UnprocessableError, ValidationError
from apps.common.lists.criteria import USER, Criteria, apply_filters, read_criteria
from apps.common.lists.reads import rows_of
from apps.common.sql.statements import Parameter
from apps.tasks.filtering.reader import reader_of
from apps.tasks.filters import TaskFilter
from apps.tasks.models import Task, open_task
from apps.tasks.saved_views.running import find_view

BACK = timedelta(days=90)
TASKS_MAX = 2_000
SINCE = Parameter("since", DateTimeField())
COLUMNS = (
    "pk",
    "title",
    "due_date",
    "due_on",
    "duration",
    "status",
    "priority",
    "completed_at",
    "created_at",
    "updated_at",
    "version",
)


class Entry(NamedTuple):
    """What a calendar shows of a task."""

    pk: int
    title: str
    due_date: datetime
    due_on: date | None
    duration: int | None  # minutes
    status: str
    priority: str
    completed_at: datetime | None
    created_at: datetime
    updated_at: datetime
    version: int
    description: str = ""


def entries_of(feed: CalendarFeed) -> list[Entry]:
    """Return the dated tasks of a feed as its owner sees them now, soonest first, at most TASKS_MAX.

    A view that is gone, that its owner does not see any more, or that does not run, has none.
    """
    try:
        criteria = _criteria(feed)
        key = ("calendar", TASKS_MAX, feed.view_id is None, feed.details, criteria.shape)
        values = {"user": feed.user_id, "since": timezone.now() - BACK, **criteria.values}
        rows: Iterable[tuple[Any, ...]] = rows_of(criteria, key, lambda: _dated(feed, criteria), values)
    except (ValidationError, ConflictError, UnprocessableError):
        return []
    return [Entry(*row) for row in rows]


def _criteria(feed: CalendarFeed) -> Criteria:
    plain = read_criteria(TaskFilter, QueryDict())
    if feed.view_id is None:
        return plain
    return TaskFilter.viewed(plain, find_view(feed.view_id, feed.user), reader_of(feed.user))


def _dated(feed: CalendarFeed, criteria: Criteria) -> QuerySet[Task, tuple[Any, ...]]:
    tasks = apply_filters(TaskFilter, Task.objects.visible_to(USER), criteria.cleaned)
    if feed.view_id is None:
        tasks = tasks.filter(open_task(), assigned_to=USER)
    columns = (*COLUMNS, "description") if feed.details else COLUMNS
    return tasks.filter(due_date__gte=SINCE).order_by("due_date", "pk").values_list(*columns)[:TASKS_MAX]
