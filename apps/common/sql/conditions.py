"""Conditions that tell PostgreSQL how to go about it, where its own guess is wrong by orders of magnitude."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, F, Func, Q, QuerySet

# As a condition of a change: its commit does not wait for the disk. For what does no harm when PostgreSQL loses it.
NOT_WAITING_FOR_THE_DISK = "set_config('synchronous_commit', 'off', true) = 'off'"


class NotWaitingForTheDisk(Func):
    """NOT_WAITING_FOR_THE_DISK for a queryset's `update()`."""

    conditional = True
    template = NOT_WAITING_FOR_THE_DISK

    def __init__(self) -> None:
        super().__init__(output_field=BooleanField())


class ByRow(Func):
    """A condition with a subquery, tested at each row that others find: PostgreSQL does not make a join of it.

    It takes the columns that a join compares for independent, which they are not where tasks are assigned to members.
    Of such a condition it expects that it holds for every other row.
    """

    conditional = True
    template = "(%(expressions)s) IS TRUE"

    def __init__(self, condition: Q) -> None:
        super().__init__(condition, output_field=BooleanField())


class AnyRow(Func):
    """`column = ANY(ARRAY(subquery))`: one of the ids that a subquery finds, read before the rows are looked up.

    An index takes the array within an OR too, where IN would be asked of every row of the table.
    """

    conditional = True
    template = "%(expressions)s)"
    arg_joiner = " = ANY("

    def __init__(self, column: str, rows: QuerySet[Any, Any]) -> None:
        super().__init__(F(column), ArraySubquery(rows), output_field=BooleanField())
