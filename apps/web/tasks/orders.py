"""The orders in which pages list tasks."""

from __future__ import annotations

from django.db.models import BigIntegerField, Case, Value, When

from apps.common.lists.ordering import OrderKey
from apps.tasks.models import Status
from apps.tasks.order.listing import ORDERS

# What is under way stands first, what is done last.
GROUPS = (Status.IN_PROGRESS, Status.REVIEW, Status.TODO, Status.DONE)
ORDERING_KEYS = {
    "group": OrderKey(
        Case(*(When(status=status, then=Value(place)) for place, status in enumerate(GROUPS)), default=Value(9)),
        kind=BigIntegerField,
    ),
    **ORDERS,
}
