"""Tasks for rows and cards, read as the API's lists are: by statements that are kept for the process."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, DateField, DateTimeField, Exists, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import JSONArray, RowNumber
from django.http import HttpRequest

from apps.common.dates.days import end_of_days, start_of_day
from apps.common.lists.criteria import USER, Criteria, apply_filters
from apps.common.lists.ordering import Order
from apps.common.lists.pagination import PARAMETERS, Page
from apps.common.lists.reads import PreparedListMixin, rows_of
from apps.common.sql.statements import Parameter, instance
from apps.projects.models import Project
from apps.tasks.filters import TaskFilter
from apps.tasks.labels.filters import LabelCriteriaMixin
from apps.tasks.models import Relation, Status, Task, TaskLabel
from apps.tasks.scope import TaskScopeMixin
from apps.users.models import User
from apps.web.base.listing import Listing, asked_of
from apps.web.tasks.orders import ORDERING_KEYS

# Of a task what rows and cards show, and of its project and assignee
LEFT_OUT = {"description", "metadata"}
TASK = [field.attname for field in Task._meta.concrete_fields if field.name not in LEFT_OUT]
ADDED = ["role", "is_blocked", "carried"]
PROJECT = ["id", "key", "name", "is_inbox", "archived_at"]
PERSON = ["id", "username", "nickname", "avatar"]
COLUMNS = [
    *TASK,
    *ADDED,
    *(f"project__{name}" for name in PROJECT),
    *(f"assigned_to__{name}" for name in PERSON),
]
OWN = len(TASK) + len(ADDED)


def with_facts(rows: QuerySet[Task]) -> QuerySet[Task]:
    """Return the rows with what a row and a card show: project, assignee, whether an open task blocks it, and labels.

    `carried` are the labels by name, each as (id, name).
    """
    labels = TaskLabel.objects.filter(task=OuterRef("pk")).order_by("label__sort_name", "label")
    found = rows.select_related("project", "assigned_to").defer(*LEFT_OUT)
    return found.annotate(
        is_blocked=Exists(Relation.objects.open_blockers_of(OuterRef("pk"))),
        carried=ArraySubquery(labels.values(item=JSONArray("label_id", "label__name"))),
    )


def tasks_of(rows: Iterable[Sequence[Any]]) -> list[Task]:
    """Return tasks from rows of COLUMNS; those of one project or person share it."""
    projects: dict[int, Project] = {}
    people: dict[int | None, User | None] = {None: None}
    found = []
    for row in rows:
        of_project, of_person = row[OWN : OWN + len(PROJECT)], row[OWN + len(PROJECT) :]
        project = projects.get(of_project[0])
        if project is None:
            project = projects[of_project[0]] = instance(Project, PROJECT, of_project)
        if of_person[0] not in people:
            people[of_person[0]] = instance(User, PERSON, of_person)
        related: Any = {"project": project, "assigned_to": people[of_person[0]]}
        task: Any = instance(Task, [*TASK, *ADDED], row[:OWN], **related)
        task.carried = [json.loads(item) for item in task.carried]
        found.append(task)
    return found


class TaskRows(TaskScopeMixin, LabelCriteriaMixin, PreparedListMixin):
    """The tasks that a person sees, by the query parameters of the API's list; empty ones are of a form left blank.

    Everything here raises ValidationError for what the API would answer 400 to, and UnprocessableError
    `filter_too_costly`.
    """

    filterset_class = TaskFilter
    ordering_keys = ORDERING_KEYS

    def __init__(self, request: HttpRequest, default_ordering: str) -> None:
        self.request = asked_of(request)
        self.actor = request.user
        self.default_ordering = default_ordering

    def template_view(self) -> TaskRows:
        """Return itself: statements are built from what names no caller."""
        return self

    def scope(self) -> QuerySet[Task]:
        """Return what the caller sees."""
        return Task.objects.visible_to(USER)

    def selected(self, rows: QuerySet[Task]) -> tuple[QuerySet[Task], list[str]]:
        """Return the rows and their columns."""
        return with_facts(rows), COLUMNS

    def read(self) -> Listing[Task]:
        """Return the page that is asked for."""
        criteria = self.completed_criteria(self.request, PARAMETERS)
        page = Page(self.request, **self.page_options(criteria))
        values = self.parameter_values() | criteria.values | page.parameter_values()
        rows, more = page.cut(self.page_rows(criteria, page, values))
        width = len(page.key_names)
        edges = (rows[0][-width:], rows[-1][-width:]) if rows else None
        following, previous = page.links(edges, more=more)
        return Listing(tasks_of(row[page.is_counted : -width] for row in rows), following, previous)

    def read_columns(self, cards: int) -> dict[str, tuple[list[Task], int]]:
        """Return for each status its first tasks in the order made by hand, at most `cards`, and how many it has."""
        criteria = self.completed_criteria(self.request, PARAMETERS)
        Order.parse(self.request.query_params.get("ordering", self.default_ordering), self.ordering_keys)
        values = self.parameter_values() | criteria.values
        key: tuple[Any, ...] = (TaskRows, "columns", cards, criteria.shape)
        found: dict[str, list[Task]] = {each: [] for each in Status.values}
        for task in tasks_of(rows_of(criteria, key, lambda: self._columns(criteria, cards), values)):
            found[task.status].append(task)
        key = (TaskRows, "column counts", criteria.shape)
        counts = dict(rows_of(criteria, key, lambda: self._column_counts(criteria), values))
        return {status: (tasks, counts.get(status, 0)) for status, tasks in found.items()}

    def read_days(self, first: date, last: date, most: int) -> list[Task]:
        """Return tasks that are due from the day `first` to `last`, in the reader's zone; at most `most`."""
        criteria = self.completed_criteria(self.request, PARAMETERS)
        Order.parse(self.request.query_params.get("ordering", self.default_ordering), self.ordering_keys)
        days = {
            "days_from": first,
            "days_to": last,
            "instants_from": start_of_day(first),
            "instants_to": end_of_days(last),
        }
        key: tuple[Any, ...] = (TaskRows, "days", most, criteria.shape)
        values = self.parameter_values() | criteria.values | days
        return tasks_of(rows_of(criteria, key, lambda: self._days(criteria, most), values))

    def _days(self, criteria: Criteria, most: int) -> QuerySet[Any, Any]:
        day_from, day_to = (Parameter(name, DateField()) for name in ("days_from", "days_to"))
        due_from, due_to = (Parameter(name, DateTimeField()) for name in ("instants_from", "instants_to"))
        at = Q(due_on=None, due_date__gte=due_from, due_date__lt=due_to)
        on = Q(due_on__gte=day_from, due_on__lte=day_to)
        found = apply_filters(TaskFilter, self.scope_of(criteria), criteria.cleaned).filter(at | on)
        rows, columns = self.selected(found)
        return rows.order_by("due_date", "pk").values_list(*columns)[:most]

    def _columns(self, criteria: Criteria, cards: int) -> QuerySet[Any, Any]:
        place = Window(RowNumber(), partition_by=F("status"), order_by=(F("rank"),))
        first = (
            apply_filters(TaskFilter, self.scope_of(criteria), criteria.cleaned)
            .annotate(place=place)
            .filter(place__lte=cards)
        )
        # What is shown of a task is asked about those that are shown
        rows, columns = self.selected(self.scope().filter(pk__in=first.values("pk")))
        return rows.order_by("status", "rank").values_list(*columns)

    def _column_counts(self, criteria: Criteria) -> QuerySet[Any, Any]:
        found = apply_filters(TaskFilter, self.scope_of(criteria), criteria.cleaned).order_by()
        counted: QuerySet[Any, Any] = found.values_list("status").annotate(Count("pk"))
        return counted
