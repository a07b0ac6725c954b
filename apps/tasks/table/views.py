"""HTTP for the list of tasks as CSV (contract EX1)."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import OperationalError
from django.db.models import QuerySet
from django.http.response import HttpResponseBase
from rest_framework.decorators import action
from rest_framework.request import Request

from apps.common.api.downloads import DownloadMixin
from apps.common.errors import ValidationError, collect_faults
from apps.common.lists.criteria import Criteria, apply_filters
from apps.common.lists.kept import composed_statement, statement
from apps.common.lists.ordering import Order
from apps.common.lists.reads import too_costly
from apps.common.sql.statements import RowStream
from apps.common.transactions import one_snapshot, sqlstate_of
from apps.tasks.models import Task
from apps.tasks.queries.table import in_columns
from apps.tasks.table.schema import EXPORT
from apps.tasks.table.sending import CANCELED, PATIENCE, Table, limit_time, require_few, send

PARAMETERS = frozenset({"format", "ordering"})


class TableMixin(DownloadMixin):
    """The action of the list of tasks that sends it as a table."""

    downloads = frozenset({"export"})

    @EXPORT
    @action(detail=False, methods=["get"])
    def export(self: Any, request: Request) -> HttpResponseBase:
        criteria = self.completed_criteria(request, PARAMETERS)
        self.require_place(request)
        ordering = request.query_params.get("ordering", criteria.ordering or self.default_ordering)
        self.check_order(ordering, criteria)
        is_sent = request.method != "HEAD"
        rows = self.table_rows(criteria, Order.parse(ordering, self.ordering_keys), is_sent=is_sent)
        return send(None if rows is None else Table(rows))

    def table_rows(self: Any, criteria: Criteria, order: Order, *, is_sent: bool) -> RowStream | None:
        """Return the rows of the table, counted and read in one snapshot; none if they are not to be sent.

        Raises UnprocessableError for too many rows, or for a filter that takes too long.
        """
        values = self.parameter_values() | criteria.values
        limit = settings.FILTER_TIMEOUT_MS if criteria.is_composed else PATIENCE
        try:
            with one_snapshot():
                require_few(self.count(criteria, values))
                if not is_sent:
                    return None
                limit_time(limit)
                kept = composed_statement if criteria.is_composed else statement
                key = (type(self), "table", criteria.shape, order)
                return kept(key, lambda: self.table_query(criteria, order)).open(values)
        except OperationalError as error:  # at the commit, where PostgreSQL reads the rows
            if criteria.is_composed and sqlstate_of(error) == CANCELED:
                raise too_costly() from None
            raise

    def table_query(self: Any, criteria: Criteria, order: Order) -> QuerySet[Task, Any]:
        """Build the rows of the table."""
        tasks = apply_filters(self.filterset_class, self.template_view().scope_of(criteria), criteria.cleaned)
        return in_columns(tasks.order_by(*order.order_by(backward=False)))

    def require_place(self: Any, request: Request) -> None:
        """Raise ValidationError for what is wrong with the parameters beside the filters."""
        if self.action != "export":
            super().require_place(request)  # type: ignore[misc]
            return
        ordering = request.query_params.get("ordering", self.default_ordering)
        collect_faults(lambda: _require_format(request), lambda: Order.parse(ordering, self.ordering_keys))


def _require_format(request: Request) -> None:
    if request.query_params.get("format", "csv") != "csv":
        raise ValidationError.at("/format", "invalid_choice", "Only `csv` is supported.")
