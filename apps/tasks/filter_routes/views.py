"""HTTP for questions: a filter in the body, and its explanation."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.common.lists.filters import require_known_parameters
from apps.common.lists.pagination import BodyPage
from apps.common.lists.reads import JsonAnswer
from apps.tasks.filter_routes.bodies import criteria_in
from apps.tasks.filter_routes.explaining import explain
from apps.tasks.filter_routes.schema import EXPLAIN, QUERY
from apps.tasks.filter_routes.serializers import PAGE_FIELDS, QuerySerializer
from apps.tasks.filtering.parsing import parse
from apps.tasks.filtering.reader import reader_of
from apps.tasks.filters import read_zone


class QueryMixin:
    """The actions of the list of tasks that read filters."""

    @QUERY
    @action(detail=False, methods=["post"])
    def query(self: Any, request: Request) -> JsonAnswer:
        require_known_parameters(request, frozenset())
        serializer = QuerySerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        body: dict[str, Any] = serializer.validated_data
        criteria = criteria_in(body, actor=self.actor)
        options = self.page_options(criteria)
        context = [options.pop("context"), body.get("view"), body.get("filter"), body.get("ast"), body.get("tz")]
        return self.listed(criteria, BodyPage(request, query=_page_query(body), context=context, **options))  # type: ignore[no-any-return]

    @EXPLAIN
    @action(detail=False, methods=["get"], url_path="filter/explain", url_name="filter-explain")
    def explain_filter(self: Any, request: Request) -> Response:
        require_known_parameters(request, {"filter", "tz"})
        zone = read_zone(request.query_params.get("tz", ""))
        node = parse(request.query_params.get("filter", ""))
        return Response(explain(node, reader_of(self.actor, zone=zone)))


def _page_query(body: dict[str, Any]) -> QueryDict:
    """Return what of a body pages the list, as it stands in a query string."""
    query = QueryDict(mutable=True)
    for name in PAGE_FIELDS:
        if name in body:
            value = body[name]
            query[name] = str(value).lower() if isinstance(value, bool) else str(value)
    return query
