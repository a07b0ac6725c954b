"""Lists of the pages: filtered, ordered and cut by the code that does it for the API's lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Model, QuerySet
from django.http import HttpRequest, QueryDict
from django_filters import rest_framework as filters
from rest_framework.request import Request

from apps.common.lists.filters import StrictFilterBackend
from apps.common.lists.ordering import OrderKey
from apps.common.lists.pagination import KeysetPagination

M = TypeVar("M", bound=Model)


@dataclass
class Listing(Generic[M]):
    """A page of a list, with the addresses of its neighbours."""

    rows: list[M]
    next: str | None
    previous: str | None


@dataclass
class _Rules:
    """What the filter backend and the paginator read from a view of the API."""

    filterset_class: type[filters.FilterSet] | None
    ordering_keys: Mapping[str, OrderKey]
    default_ordering: str


def read_list(
    request: HttpRequest,
    rows: QuerySet[M],
    *,
    ordering_keys: Mapping[str, OrderKey],
    default_ordering: str,
    filterset_class: type[filters.FilterSet] | None = None,
) -> Listing[M]:
    """Return the page of `rows` that the query parameters ask for; empty ones are those of a form left blank.

    Raises ValidationError for what the API would answer 400 to.
    """
    request.GET = _filled(request.GET)  # type: ignore[assignment]  # nobody changes it from here on
    asked = Request(request)
    asked.user = request.user
    rules: Any = _Rules(filterset_class, ordering_keys, default_ordering)
    pagination = KeysetPagination()
    found = pagination.paginate_queryset(StrictFilterBackend().filter_queryset(asked, rows, rules), asked, rules)
    return Listing(found, pagination.next, pagination.previous)


def _filled(query: QueryDict) -> QueryDict:
    """Return the parameters that say something."""
    filled = QueryDict(mutable=True)
    for name, values in query.lists():
        if said := [value for value in values if value.strip()]:
            filled.setlist(name, said)
    return filled
