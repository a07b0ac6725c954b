"""What the OpenAPI schema says about questions for tasks."""

from __future__ import annotations

from typing import Any

from drf_spectacular.extensions import OpenApiSerializerFieldExtension
from drf_spectacular.utils import OpenApiParameter, extend_schema

from apps.common.openapi.example_bodies import answer_example, request_example
from apps.common.openapi.schema import rejections
from apps.tasks.filter_routes.serializers import ExplanationSerializer, QuerySerializer, TaskQueryPageSerializer
from apps.tasks.filtering.parsing import MAX_LENGTH
from apps.tasks.schema import TASK

FILTER = "assignee = me and due < today+7d"
AST = {
    "and": [
        {"field": "assignee", "op": "=", "value": {"me": True}},
        {"field": "due", "op": "<", "value": {"rel": "today", "offset": "+7d"}},
    ]
}
COSTLY = {422: {"filter_too_costly": "The database needs too long for this filter."}}
EXPLANATION = {
    "normalized": FILTER,
    "ast": AST,
    "resolved": {
        "me": {"id": 5, "username": "bob", "nickname": "Bob", "avatar": None},
        "today+7d": "2026-11-27",
    },
    "warnings": [],
}


class FilterFieldSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """A text."""

    target_class = "apps.tasks.filter_routes.serializers.FilterField"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        return {"type": "string", "maxLength": MAX_LENGTH}


class AstFieldSchema(OpenApiSerializerFieldExtension):  # type: ignore[no-untyped-call]
    """An object; what is in it is described in docs/filters.md."""

    target_class = "apps.tasks.filter_routes.serializers.AstField"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": {}}


QUERY = extend_schema(
    summary="Query tasks",
    description=(
        "The list of tasks with the filter in the body, for filters that are too long for a URL or come as JSON. "
        "`next` and `previous` are cursors for the body of the next call; everything else is as in the list."
    ),
    filters=False,
    request=QuerySerializer,
    examples=[
        request_example("By text", {"filter": FILTER, "ordering": "due_date", "page_size": 20}),
        request_example("As JSON", {"ast": AST, "count": True}),
        answer_example("A page", {"count": 1, "next": None, "previous": None, "results": [TASK]}),
    ],
    responses={200: TaskQueryPageSerializer} | rejections(COSTLY),
)
EXPLAIN = extend_schema(
    operation_id="explainTaskFilter",
    summary="Explain a filter",
    description=(
        "Whether a filter is right, and what it means to the caller: its normalised text, its JSON form, and the days, "
        "people and labels that its words stand for. No task is looked for."
    ),
    filters=False,
    parameters=[
        OpenApiParameter("filter", {"type": "string", "maxLength": MAX_LENGTH}, description="The filter language."),
        OpenApiParameter("tz", str, description="The time zone of its days, an IANA name."),
    ],
    examples=[answer_example("An explanation", EXPLANATION)],
    responses={200: ExplanationSerializer},
)
