"""How many tasks a reader finds with a view (contract VI7)."""

from __future__ import annotations

from django.db.models import QuerySet
from django.http import QueryDict

from apps.common.errors import ConflictError, UnprocessableError
from apps.common.lists.criteria import USER, Criteria, apply_filters, read_criteria
from apps.common.lists.reads import rows_of
from apps.tasks.filtering.reader import reader_of
from apps.tasks.filters import TaskFilter
from apps.tasks.models import SavedView, Task
from apps.users.models import User

COUNTED_MAX = 1_000  # tasks


def count_of(view: SavedView, user: User) -> int | None:
    """Return how many tasks `user` finds with a visible view, at most COUNTED_MAX; None when it does not run."""
    plain = read_criteria(TaskFilter, QueryDict())
    try:
        criteria = TaskFilter.viewed(plain, view, reader_of(user))
        values = {"user": user.pk, **criteria.values}
        key = ("view count", criteria.shape)
        return int(rows_of(criteria, key, lambda: _counted(criteria), values, is_count=True)[0][0])
    except (ConflictError, UnprocessableError):
        return None


def _counted(criteria: Criteria) -> QuerySet[Task, tuple[int]]:
    tasks = apply_filters(TaskFilter, Task.objects.visible_to(USER), criteria.cleaned)
    return tasks.order_by().values_list("pk")[:COUNTED_MAX]
