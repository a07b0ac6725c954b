"""Tasks as the rows of a table for people: what the CSV of a list and of a report have in their columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.contrib.postgres.aggregates import StringAgg
from django.db.models import (
    BooleanField,
    Case,
    Expression,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast, Concat

from apps.tasks.fields import FIELDS
from apps.tasks.models import Task, TaskLabel

LABELS = ", "  # between the names of a task's labels


def _key(project_key: str, number: str) -> Expression:
    return Concat(F(project_key), Value("-"), Cast(number, TextField()), output_field=TextField())


def _parent() -> Expression:
    of_parent = When(parent__isnull=False, then=_key("project__key", "parent__number"))
    return Case(of_parent, default=None, output_field=TextField())


def _labels() -> Combinable:
    carried = TaskLabel.objects.filter(task=OuterRef("pk")).order_by().values("task")
    names = StringAgg("label__name", LABELS, order_by=("label__sort_name", "label_id"))
    return Subquery(carried.annotate(names=names).values("names"), output_field=TextField())


_written: dict[str, Combinable] = {field.report: F(field.path) for field in FIELDS if field.report}
_written["parent"] = _parent()
# Header -> what stands below it
COLUMNS: Mapping[str, Combinable] = {
    "key": _key("project__key", "number"),
    **{name: _written.pop(name) for name in ("title", "description", "status", "priority", "assigned_to")},
    "created_by": F("created_by__username"),
    **{name: _written.pop(name) for name in ("due_date", "due_on", "duration_minutes")},
    "labels": _labels(),
    **_written,
    "attachments": F("attachments_count"),
    "created_at": F("created_at"),
    "updated_at": F("updated_at"),
    "completed_at": F("completed_at"),
    "project": F("project__key"),
    "archived": ExpressionWrapper(Q(archived_at__isnull=False), output_field=BooleanField()),
}


def in_columns(tasks: QuerySet[Task], names: Iterable[str] = COLUMNS) -> QuerySet[Task, Any]:
    """Return the tasks as tuples of what stands in the columns of these names."""
    columns = {f"_column_{name}": COLUMNS[name] for name in names}
    return tasks.annotate(**columns).values_list(*columns)
