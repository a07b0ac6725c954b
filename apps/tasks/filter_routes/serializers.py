"""Bodies and answers of questions for tasks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail

from apps.common.api.serializers import IdField, StrictSerializer, TextField
from apps.common.lists.pagination import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE
from apps.tasks.serializers import TaskSerializer

# What of a body pages the list, as a query string would
PAGE_FIELDS = ("ordering", "cursor", "page_size", "count")


class FilterField(serializers.Field[Any, Any, Any, Any]):
    """The text of a filter; what it says is judged with its positions, not here."""

    default_error_messages = {"invalid": "Not a text."}

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class AstField(serializers.JSONField):
    """A filter as JSON: an object with `and`, `or`, `not`, `field` or `flag`."""


class QuerySerializer(StrictSerializer):
    """Which tasks, in which order, and which page of them; nothing at all means every task."""

    filter = FilterField(required=False, help_text="The filter language.")
    ast = AstField(required=False, allow_null=True, help_text="A filter as JSON, instead of `filter`.")
    view = IdField(required=False, help_text="A saved view in addition.")
    ordering = TextField(required=False, help_text="As in the list.")
    cursor = TextField(required=False, help_text="The `next` or `previous` of a page of the same query.")
    page_size = serializers.IntegerField(
        required=False, min_value=1, max_value=MAX_PAGE_SIZE, help_text=f"{DEFAULT_PAGE_SIZE} unless it is sent."
    )
    count = serializers.BooleanField(required=False, help_text="Whether `count` is answered.")
    tz = TextField(required=False, help_text="The time zone of the days in the filter, an IANA name.")

    def faults(self, data: Mapping[str, Any]) -> dict[str, ErrorDetail]:
        """Reject a filter in both spellings."""
        if "filter" in data and data.get("ast") is not None:
            text = "Send either `filter` or `ast`."
            return {"non_field_errors": ErrorDetail(text, code="exactly_one")}
        return {}


class TaskQueryPageSerializer(serializers.Serializer[Any]):
    """A page of what a query finds."""

    count = serializers.IntegerField(required=False, help_text="The number of all tasks; only with `count`.")
    next = serializers.CharField(allow_null=True, help_text="The cursor of the next page; null on the last one.")
    previous = serializers.CharField(allow_null=True, help_text="The cursor of the page before; null on the first.")
    results = TaskSerializer(many=True)


class ExplanationSerializer(serializers.Serializer[Any]):
    """What a filter means to the caller."""

    normalized = serializers.CharField(help_text="The same filter as it would be stored.")
    ast = AstField(allow_null=True, help_text="The same filter as JSON; null for an empty one.")
    resolved = serializers.DictField(
        help_text="What each relative day, `me`, person and label of the text stands for.",
    )
    warnings = serializers.ListField(child=serializers.CharField(), help_text="What may surprise, in sentences.")
