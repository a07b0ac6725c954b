"""What the list of a task's relations can be narrowed by, and the list of tasks by their relations."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When
from django_filters import rest_framework as filters
from drf_spectacular.utils import extend_schema_field

from apps.tasks.models import Relation, Task, open_task
from apps.tasks.relations.kinds import KIND_CHOICES

ID_MAX = 2**63 - 1


class RelationFilter(filters.FilterSet):
    """Relations by their kind."""

    kind = filters.MultipleChoiceFilter(
        field_name="shown_kind",
        choices=KIND_CHOICES,
        distinct=False,
        help_text="As seen from the task in the path; repeatable.",
    )

    class Meta:
        model = Relation
        fields: list[str] = []


class TaskIdField(forms.Field):
    """A task's id."""

    def to_python(self, value: Any) -> int | None:
        if value in self.empty_values:
            return None
        text = str(value)
        if text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= ID_MAX:
            return int(text)
        raise forms.ValidationError("Give a task's id.", code="invalid")


@extend_schema_field({"type": "integer", "format": "int64", "minimum": 0})
class RelatedToFilter(filters.Filter):
    """Tasks with a relation to the task with this id; nothing for one that the caller does not see."""

    field_class = TaskIdField

    def filter(self, queryset: QuerySet[Task], value: Any) -> QuerySet[Task]:
        if value is None:
            return queryset
        other_end = Case(When(from_task=value, then=F("to_task_id")), default=F("from_task_id"))
        related = Q(pk__in=Relation.objects.of(value).values(task=other_end))
        return queryset.filter(related, Exists(Task.objects.visible_to(self.parent.request.user).filter(pk=value)))


def filter_blocked(queryset: QuerySet[Task], name: str, value: bool) -> QuerySet[Task]:
    """Return the open tasks that an open task blocks, or all others (contract DE6)."""
    return _matching(queryset, Exists(Relation.objects.open_blockers_of(OuterRef("pk"))), value=value)


def filter_blocking(queryset: QuerySet[Task], name: str, value: bool) -> QuerySet[Task]:
    """Return the open tasks that block an open task, or all others."""
    return _matching(queryset, Exists(Relation.objects.open_blocked_by(OuterRef("pk"))), value=value)


def _matching(queryset: QuerySet[Task], condition: Exists, *, value: bool) -> QuerySet[Task]:
    wanted = open_task() & Q(condition)
    return queryset.filter(wanted if value else ~wanted)
