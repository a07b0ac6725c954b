"""Filters read into two parts: the shape that decides the SQL, and the values that are bound.

The filters themselves are asked once per shape, with `Parameter`s in place of values.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django import forms
from django.db.models import DateTimeField, Field, QuerySet, TextField
from django.http import QueryDict
from django_filters import rest_framework as filters
from django_filters.filters import ChoiceFilter, MultipleChoiceFilter

from apps.common.errors import FieldError, ValidationError
from apps.common.sql.statements import Parameter


class CompositeFilterValue(ABC):
    """A cleaned value of several parts: splits itself into SQL structure and bind values."""

    @abstractmethod
    def as_parameters(self, name: str) -> tuple[Any, dict[str, Any], Any]:
        """Return (shape, values by parameter name, the same value with parameters in it)."""


@dataclass(frozen=True)
class Criteria:
    """What the query parameters of a list ask for."""

    shape: tuple[Any, ...]
    values: dict[str, Any]  # by parameter name
    cleaned: dict[str, Any]  # what the filters are given: parameters in place of values
    is_composed: bool = False  # by the caller: shapes without end, each with its own cost
    ordering: str | None = None  # of the list, unless the request names one
    context: Any = None  # what a cursor depends on beside the request's own parameters

    def names_only(self, *names: str) -> bool:
        """Return whether nothing but these filters is asked for."""
        return not self.is_composed and {name for name, _ in self.shape} <= set(names)


class ParameterUser(Parameter):
    """Stands for the caller while a statement is built."""

    is_authenticated = True

    @property
    def pk(self) -> ParameterUser:
        """Return itself, which is bound to the user's id."""
        return self


USER = ParameterUser("user")
NOW = Parameter("now", DateTimeField())


@dataclass(frozen=True)
class TemplateRequest:
    """The request that filters see while a statement is built; it has no caller."""

    user: ParameterUser = USER


class RawFilter(filters.Filter):
    """A parameter that the filterset makes criteria of itself, in `completed(criteria, actor) -> Criteria`."""


def completed(filterset: type[filters.FilterSet], criteria: Criteria, actor: Any) -> Criteria:
    """Return the criteria with what the filterset makes of its RawFilters for a caller; ValidationError."""
    complete = getattr(filterset, "completed", None)
    return complete(criteria, actor) if complete else criteria


def read_criteria(filterset: type[filters.FilterSet], query: QueryDict) -> Criteria:
    """Return the criteria of `query`, but for RawFilters; ValidationError for bad values."""
    shape: list[tuple[str, Any]] = []
    values: dict[str, Any] = {}
    cleaned = dict(_absent(filterset))  # type: ignore[arg-type]
    errors: list[FieldError] = []
    for name, declared in filterset.base_filters.items():
        if name not in query:
            continue
        try:
            value = declared.field.clean(declared.field.widget.value_from_datadict(query, {}, name))
        except forms.ValidationError as error:
            errors += [FieldError(f"/{name}", part.code or "invalid", part.messages[0]) for part in error.error_list]
            continue
        if isinstance(declared, RawFilter):
            cleaned[name] = value
            continue
        part, bound, cleaned[name] = _as_parameters(declared, name, value)
        shape.append((name, part))
        values |= bound
    if errors:
        raise ValidationError(*errors)
    return Criteria(tuple(shape), values, cleaned)


def apply_filters(
    filterset: type[filters.FilterSet], queryset: QuerySet[Any, Any], cleaned: Mapping[str, Any]
) -> QuerySet[Any, Any]:
    """Return `queryset` filtered as the filterset would, with parameters for values."""
    made = filterset(data={}, queryset=queryset, request=TemplateRequest())
    made.form.cleaned_data = dict(cleaned)
    filtered: QuerySet[Any, Any] = made.filter_queryset(queryset)
    return filtered


@lru_cache
def _absent(filterset: type[filters.FilterSet]) -> Mapping[str, Any]:
    """Return what the filters are given for parameters that were not sent."""
    form = filterset(data={}, queryset=None, request=None).form
    form.is_valid()
    cleaned: dict[str, Any] = form.cleaned_data
    return cleaned


def _as_parameters(declared: filters.Filter, name: str, value: Any) -> tuple[Any, dict[str, Any], Any]:
    if isinstance(value, CompositeFilterValue):
        return value.as_parameters(name)
    if isinstance(declared, ChoiceFilter | MultipleChoiceFilter):  # few, and partial indexes know them
        if not isinstance(value, list):
            return value, {}, value
        chosen = sorted(set(value))  # one statement for a set, however it is ordered and repeated
        return tuple(chosen), {}, chosen
    if isinstance(value, list):
        parameters = [_parameter(f"{name}{position}", type(item).__name__) for position, item in enumerate(value)]
        return len(value), {parameter.name: item for parameter, item in zip(parameters, value, strict=True)}, parameters
    if isinstance(value, bool) or not isinstance(value, int | str | datetime):
        return value, {}, value
    return "=", {name: value}, _parameter(name, type(value).__name__)


@lru_cache(maxsize=1_024)
def _parameter(name: str, kind: str) -> Parameter:
    fields: dict[str, Field[Any, Any]] = {"datetime": DateTimeField(), "str": TextField()}
    return Parameter(name, fields.get(kind))
