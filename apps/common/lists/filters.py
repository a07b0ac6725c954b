"""Filters as strict as serializers: unknown names and bad values are rejected, never ignored."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_to_bytes

from django import forms
from django.db.models import QuerySet
from django.utils.dateparse import parse_datetime
from django_filters import rest_framework as filters
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.common.api.parameters import repeated
from apps.common.dates.instants import DATE, is_instant
from apps.common.errors import FieldError, ValidationError, collect_faults
from apps.common.lists import pagination


class StrictFilterBackend(filters.DjangoFilterBackend):
    """Rejects query parameters that neither the view's filters nor the paginator know."""

    def filter_queryset(self, request: Request, queryset: QuerySet[Any], view: APIView) -> QuerySet[Any]:
        filterset_class = getattr(view, "filterset_class", None)
        known = set(filterset_class.base_filters) if filterset_class else set()
        filterset = filterset_class and filterset_class(data=request.query_params, queryset=queryset, request=request)
        several = parameters_of_several_values(filterset_class) if filterset_class else ()
        checks = [
            lambda: require_known_parameters(request, known | pagination.PARAMETERS, several=several),
            lambda: _require_valid(filterset),
        ]
        try:
            collect_faults(*checks)
        except ValidationError:
            # The paginator, which reads the others, would not come to it.
            collect_faults(*checks, lambda: pagination.require_valid(request, view))
            raise
        return filterset.qs if filterset else queryset


def require_known_parameters(
    request: Request, known: set[str] | frozenset[str], *, several: Collection[str] = ()
) -> None:
    """Raise ValidationError naming every query parameter that is rejected whatever its view makes of it.

    Those that are not in `known`, whose text is not UTF-8, or that stand twice though they are none of `several`, which
    take several values.
    """
    unknown = sorted(set(request.query_params) - known)
    unreadable = [name for name in _garbled(request) if name in known]
    doubled = [name for name, values in request.query_params.lists() if len(values) > 1 and name not in several]
    if unknown or unreadable or doubled:
        choices = ", ".join(sorted(known))
        raise ValidationError(
            *(FieldError(f"/{name}", "unknown_parameter", f"Known parameters: {choices}.") for name in unknown),
            *(FieldError(f"/{name}", "invalid", "The text is not UTF-8.") for name in unreadable),
            *(repeated(name) for name in doubled if name in known),
        )


@lru_cache
def parameters_of_several_values(filterset: type[filters.FilterSet]) -> frozenset[str]:
    """Return the filters that may be repeated: those that read a list of values."""
    declared = filterset.base_filters.items()
    return frozenset(name for name, each in declared if isinstance(each.field.widget, forms.SelectMultiple))


def _garbled(request: Request) -> Iterator[str]:
    """Yield the parameters that have U+FFFD for bytes that are not UTF-8: Django reads a query so."""
    suspects = [name for name, values in request.query_params.lists() if any("\ufffd" in value for value in values)]
    if suspects:
        try:
            unquote_to_bytes(request.META.get("QUERY_STRING", "")).decode()
        except UnicodeDecodeError:
            yield from suspects


def _require_valid(filterset: filters.FilterSet | None) -> None:
    if filterset is None or filterset.is_valid():
        return
    raise ValidationError(
        *(
            FieldError(f"/{name}", item.get("code") or "invalid", item["message"])
            for name, items in filterset.errors.get_json_data().items()
            for item in items
        )
    )


class InstantField(forms.Field):
    """An ISO 8601 instant, or the beginning of a date, read into UTC (UTC when it has no offset)."""

    def to_python(self, value: Any) -> datetime | None:
        if value in self.empty_values:
            return None
        text = str(value).strip().replace(" ", "+")  # a `+` that was not encoded
        try:
            instant = parse_datetime(text) if is_instant(text) or DATE.fullmatch(text) else None
            if instant is None:
                raise ValueError(value)
            return instant.replace(tzinfo=instant.tzinfo or UTC).astimezone(UTC)
        except (ValueError, OverflowError):
            raise forms.ValidationError(
                "Give an ISO 8601 instant, such as 2026-11-20T08:00:00Z.", code="invalid"
            ) from None


@extend_schema_field(OpenApiTypes.DATETIME)
class InstantFilter(filters.Filter):
    """Compares with an instant."""

    field_class = InstantField


class StrictBooleanField(forms.Field):
    """`true` or `false` (also 1 and 0), nothing else."""

    def to_python(self, value: Any) -> bool | None:
        if value in self.empty_values:
            return None
        text = str(value).strip().lower()
        if text in {"true", "1"}:
            return True
        if text in {"false", "0"}:
            return False
        raise forms.ValidationError("Give `true` or `false`.", code="invalid")


@extend_schema_field(OpenApiTypes.BOOL)
class StrictBooleanFilter(filters.Filter):
    """A boolean that rejects what it does not understand."""

    field_class = StrictBooleanField


class SearchTextField(forms.CharField):
    """Text to search for, which PostgreSQL must be able to take."""

    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
            raise forms.ValidationError("The text has characters that cannot be searched.", code="invalid")
        return text


class SearchTextFilter(filters.Filter):
    """Compares with a text."""

    field_class = SearchTextField
