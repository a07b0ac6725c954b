"""What the lists of tasks share: their rows, their orders, and what they are narrowed by."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext, gettext_lazy

from apps.tasks.filters import TaskFilter
from apps.tasks.labels.filters import TaskLabelFilter, resolve_labels
from apps.tasks.models import Priority, Status, Task, TaskLabel
from apps.web.base.listing import Listing, read_whole
from apps.web.tasks.orders import ORDERING_KEYS
from apps.web.tasks.reading import TaskRows

BY_GROUP = "group,-created_at"
ORDERINGS = (
    (BY_GROUP, gettext_lazy("By status")),
    ("due_date", gettext_lazy("By due date")),
    ("-priority", gettext_lazy("By priority")),
    ("-updated_at", gettext_lazy("Last changed first")),
    ("-created_at", gettext_lazy("Newest first")),
    ("title", gettext_lazy("By title")),
)
YES_OR_NO = {"true": gettext_lazy("yes"), "false": gettext_lazy("no")}
BY_HAND = ("rank", gettext_lazy("By hand"))  # in one project


def read_tasks(request: HttpRequest, *, default_ordering: str = BY_GROUP) -> Listing[Task]:
    """Return the page of the tasks that a person sees which the query parameters ask for."""
    return TaskRows(request, default_ordering).read()


def read_all_tasks(request: HttpRequest, rows: QuerySet[Task], *, default_ordering: str = BY_GROUP) -> QuerySet[Task]:
    """Return all tasks that the query parameters ask for, in the order of the list."""
    return read_whole(
        request,
        _by_labels(rows, request),
        ordering_keys=ORDERING_KEYS,
        default_ordering=default_ordering,
        filterset_class=TaskFilter,
    )


def _by_labels(rows: QuerySet[Task], request: HttpRequest) -> QuerySet[Task]:
    """Return the rows that carry the labels which the API's filters name; those filters need a kept statement."""
    for name, declared in TaskFilter.base_filters.items():
        if name not in request.GET or not isinstance(declared, TaskLabelFilter):
            continue
        try:
            sets = declared.field.clean([value for value in request.GET.getlist(name) if value.strip()])
        except ValidationError:
            continue  # the filter itself says what is wrong
        values = sets.as_parameters(name)[1] if sets else {}
        for ids in resolve_labels(values, user_id=request.user.pk or 0).values():
            carried = Exists(TaskLabel.objects.filter(task=OuterRef("pk"), label__in=ids))
            rows = rows.filter(~carried if name == "label_none" else carried)
    return rows


def label_projects(tasks: Iterable[Task]) -> list[int]:
    """Return the projects whose colours of labels a page with these tasks needs."""
    return sorted({task.project_id for task in tasks if task.carried})  # type: ignore[attr-defined]  # `with_facts` adds it


class FilterBar:
    """The filters of a list as a form with its present values, and as chips that take one back."""

    words = {
        "status": dict(Status.choices),
        "priority": dict(Priority.choices),
        "assigned_to": {"me": gettext_lazy("me"), "none": gettext_lazy("nobody")},
        "overdue": YES_OR_NO,
        "archived": YES_OR_NO,
        "has_attachments": YES_OR_NO,
    }
    names = {
        "status": gettext_lazy("Status is"),
        "priority": gettext_lazy("Priority is"),
        "assigned_to": gettext_lazy("Assignee"),
        "created_by": gettext_lazy("Written by"),
        "overdue": gettext_lazy("Overdue"),
        "archived": gettext_lazy("Archived"),
        "has_attachments": gettext_lazy("With files"),
        "search": gettext_lazy("Contains"),
        "filter": gettext_lazy("Filter"),
        "label_any": gettext_lazy("Label is"),
        "label_all": gettext_lazy("Labels are"),
        "label_none": gettext_lazy("Label is not"),
    }

    def __init__(
        self,
        query: QueryDict,
        *,
        people: dict[str, str] | None = None,
        labels: dict[str, str] | None = None,
        default_ordering: str = BY_GROUP,
    ) -> None:
        self.query = query
        self.people = people or {}
        self.labels = labels or {}
        self.default_ordering = default_ordering

    @property
    def ordering(self) -> str:
        """Return the order that was asked for."""
        return self.query.get("ordering", self.default_ordering)

    @property
    def whole(self) -> str:
        """Return the query of the whole list, without what names a page of it."""
        query = self.query.copy()
        for name in ("cursor", "month"):
            query.pop(name, None)
        query["ordering"] = self.ordering
        return query.urlencode()

    @property
    def others(self) -> str:
        """Return the filters as the end of a query that begins with something else."""
        query = self.query.copy()
        query.pop("project", None)
        return f"&{query.urlencode()}" if query else ""

    @cached_property
    def chosen(self) -> dict[str, list[str]]:
        """Return the values of each filter."""
        return {name: self.query.getlist(name) for name in TaskFilter.base_filters}

    @cached_property
    def chips(self) -> list[dict[str, str]]:
        """Return each filter that narrows the list in words, with the query without it."""
        return [
            {
                "name": str(self.names.get(name, name)),
                "value": self._words(name, values),
                "without": self._without(name),
            }
            for name, values in self.chosen.items()
            if values and name != "project"
        ]

    def _words(self, name: str, values: list[str]) -> str:
        known = self.words.get(name, {}) | (self.people if name in {"assigned_to", "created_by"} else {})
        known |= self.labels if name.startswith("label") else {}
        return gettext(" or ").join(str(known.get(value, value)) for value in values)

    def _without(self, name: str) -> str:
        rest = self.query.copy()
        for gone in (name, "cursor", "project"):
            rest.pop(gone, None)
        return f"?{rest.urlencode()}"
