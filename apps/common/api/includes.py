"""`include=`: parts of an answer that are sent only when they are asked for (contract H5)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.db.models import QuerySet
from django_filters import rest_framework as filters
from drf_spectacular.utils import OpenApiParameter, extend_schema_field
from rest_framework.request import Request

from apps.common.api.parameters import repeated
from apps.common.errors import ValidationError

NAME = "include"


def read_include(request: Request, choices: Iterable[str]) -> frozenset[str]:
    """Return which of `choices` the request asks for; nothing for methods other than GET and HEAD.

    Raises ValidationError at /include: `invalid_choice` for an unknown word, `repeated` where it stands twice.
    """
    if request.method not in {"GET", "HEAD"}:
        return frozenset()
    if len(request.query_params.getlist(NAME)) > 1:
        raise ValidationError(repeated(NAME))
    words, wrong = _split(request.query_params.get(NAME, ""), choices)
    if wrong:
        raise ValidationError.at(f"/{NAME}", "invalid_choice", wrong)
    return words


def _split(text: str, choices: Iterable[str]) -> tuple[frozenset[str], str]:
    """Return the words of a comma-separated list, and what is wrong with them."""
    known = frozenset(choices)
    words = frozenset(word.strip() for word in text.split(",") if word.strip())
    return words, "" if words <= known else f"Known words, separated by commas: {', '.join(sorted(known))}."


class IncludeField(forms.CharField):
    """A comma-separated list of known words."""

    def __init__(self, *, words: Iterable[str] = (), **options: Any) -> None:
        super().__init__(**options)
        self.words = frozenset(words)

    def clean(self, value: Any) -> Any:
        words, wrong = _split(super().clean(value), self.words)
        if wrong:
            raise forms.ValidationError(wrong, code="invalid_choice")
        return words


@extend_schema_field({"type": "string"})
class IncludeFilter(filters.Filter):
    """Makes `include` a known parameter of a list; it narrows nothing. The view reads it with `read_include`."""

    field_class = IncludeField

    def filter(self, queryset: QuerySet[Any], value: Any) -> QuerySet[Any]:
        return queryset


def include_parameter(*words: str, description: str) -> OpenApiParameter:
    """Return the parameter's description for the schema of a single row."""
    return OpenApiParameter(NAME, str, description=f"{description} Known: {', '.join(f'`{word}`' for word in words)}.")
