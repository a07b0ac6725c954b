"""The tasks that a filter finds, as a bulk change takes them: the same ones as the list (contract FI9)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from apps.common.errors import ValidationError
from apps.common.lists.criteria import USER, apply_filters
from apps.common.lists.reads import rows_of
from apps.tasks.filter_routes.bodies import criteria_in
from apps.tasks.filters import TaskFilter
from apps.tasks.models import Task


def ids_in(body: Mapping[str, Any], *, actor: Any) -> list[int]:
    """Return the ids that a checked body names, or those that its filter finds, ascending, taken once (BU5).

    Raises what a list with this filter raises, and ValidationError at /filter for more than BULK_MAX tasks.
    """
    if "ids" in body:
        return list(body["ids"])
    criteria = criteria_in(body, actor=actor)

    def found() -> QuerySet[Task, Any]:
        tasks = apply_filters(TaskFilter, Task.objects.visible_to(USER), criteria.cleaned)
        return tasks.order_by("pk").values_list("pk")[: settings.BULK_MAX + 1]

    values = {"user": actor.pk, "now": timezone.now()} | criteria.values
    ids = [pk for (pk,) in rows_of(criteria, ("bulk", settings.BULK_MAX, criteria.shape), found, values)]
    if len(ids) > settings.BULK_MAX:
        text = f"The filter finds more than {settings.BULK_MAX} tasks."
        raise ValidationError.at("/filter", "too_many_tasks", text)
    return ids
