"""The orders in which pages list tasks."""

from __future__ import annotations

from django.db.models import BigIntegerField, Case, DateTimeField, F, Value, When

from apps.common.lists.ordering import OrderKey
from apps.common.text.sorting import SortKey
from apps.tasks.models import Status
from apps.tasks.order.listing import RANK

# What is under way stands first, what is done last.
GROUPS = (Status.IN_PROGRESS, Status.REVIEW, Status.TODO, Status.DONE)
ORDERING_KEYS = {
    "group": OrderKey(
        Case(*(When(status=status, then=Value(place)) for place, status in enumerate(GROUPS)), default=Value(9)),
        kind=BigIntegerField,
    ),
    "created_at": OrderKey(F("created_at"), kind=DateTimeField),
    "updated_at": OrderKey(F("updated_at"), kind=DateTimeField),
    "due_date": OrderKey(F("due_date"), kind=DateTimeField, nullable=True),
    "priority": OrderKey(F("priority_rank"), kind=BigIntegerField),
    "status": OrderKey(F("status_rank"), kind=BigIntegerField),
    "title": OrderKey(SortKey("title")),
    "rank": RANK,
}
