"""The orders in which tasks are listed, and the manual one among them (RK6)."""

from __future__ import annotations

from django.db.models import BigIntegerField, DateTimeField, F

from apps.common.errors import ValidationError
from apps.common.lists.criteria import Criteria
from apps.common.lists.ordering import OrderKey
from apps.common.sql.statements import Parameter
from apps.common.text.sorting import SortKey

NAME = "rank"
RANK = OrderKey(F("rank"), is_complete=True)
ORDERS = {
    "created_at": OrderKey(F("created_at"), kind=DateTimeField),
    "updated_at": OrderKey(F("updated_at"), kind=DateTimeField),
    "due_date": OrderKey(F("due_date"), kind=DateTimeField, nullable=True),
    "priority": OrderKey(F("priority_rank"), kind=BigIntegerField),
    "status": OrderKey(F("status_rank"), kind=BigIntegerField),
    "title": OrderKey(SortKey("title")),
    NAME: RANK,
}


def require_one_order(ordering: str, criteria: Criteria) -> None:
    """Raise ValidationError `needs_project` for an order by rank of tasks that are not in one order.

    Ranks compare within a project: `criteria` must name exactly one, or a parent.
    """
    if ordering.strip().removeprefix("-") != NAME:
        return
    projects = {criteria.values[parameter.name] for parameter in criteria.cleaned.get("project") or ()}
    view = criteria.cleaned.get("view")
    projects |= {view.project_id} if view is not None and view.project_id is not None and not projects else set()
    if len(projects) != 1 and not isinstance(criteria.cleaned.get("parent"), Parameter):
        text = "Ordering by rank needs exactly one project, or a parent."
        raise ValidationError.at("/ordering", "needs_project", text)
