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
from apps.common.lists.ordering import Order, OrderKey
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
    rules: Any = _Rules(filterset_class, ordering_keys, default_ordering)
    asked, found = _filtered(request, rows, rules)
    pagination = KeysetPagination()
    page = pagination.paginate_queryset(found, asked, rules)
    return Listing(page, pagination.next, pagination.previous)


def read_whole(
    request: HttpRequest,
    rows: QuerySet[M],
    *,
    ordering_keys: Mapping[str, OrderKey],
    default_ordering: str,
    filterset_class: type[filters.FilterSet],
) -> QuerySet[M]:
    """Return what all pages of the list together have, in its order; raises as `read_list`."""
    asked, found = _filtered(request, rows, _Rules(filterset_class, ordering_keys, default_ordering))
    order = Order.parse(asked.query_params.get("ordering", default_ordering), ordering_keys)
    return found.order_by(*order.order_by(backward=False))


def asked_of(request: HttpRequest) -> Request:
    """Return the request as the API's code reads it, and leave in it the parameters that say something."""
    request.GET = _filled(request.GET)  # type: ignore[assignment]  # nobody changes it from here on
    asked = Request(request)
    asked.user = request.user
    return asked


def _filtered(request: HttpRequest, rows: QuerySet[M], rules: Any) -> tuple[Request, QuerySet[M]]:
    asked = asked_of(request)
    return asked, StrictFilterBackend().filter_queryset(asked, rows, rules)


def _filled(query: QueryDict) -> QueryDict:
    """Return the parameters that say something."""
    filled = QueryDict(mutable=True)
    for name, values in query.lists():
        if said := [value for value in values if value.strip()]:
            filled.setlist(name, said)
    return filled
