"""Keyset pagination: every committed row exactly once, whatever others write meanwhile."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.encoding import iri_to_uri
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param
from rest_framework.views import APIView

from apps.common.errors import ValidationError
from apps.common.ordering import Order

DEFAULT_PAGE_SIZE = 50
MAX_PAGE_SIZE = 100
PARAMETERS = frozenset({"cursor", "page_size", "count", "ordering"})


class KeysetPagination(BasePagination):
    """Pages a list by its view's `ordering_keys` (name to OrderKey) and `default_ordering`.

    The opaque cursor holds the sort key of the row at the page's edge, the direction, and a digest
    of path, filters and order: with any of these changed it is refused.
    """

    def paginate_queryset(  # type: ignore[override]
        self, queryset: QuerySet[Any], request: Request, view: APIView | None = None
    ) -> list[Any]:
        query = request.query_params
        self.url = request.build_absolute_uri()
        self.page_size = _page_size(query)
        order = Order.parse(query.get("ordering") or view.default_ordering, view.ordering_keys)  # type: ignore[union-attr]
        self.context = _context(request)
        self.total = queryset.order_by().count() if _wants_count(query) else None
        values, backward = self._read_cursor(query.get("cursor"), order)

        names = [f"_key{position}" for position in range(len(order.keys))]
        expressions = dict(zip(names, (key.expression for key, _ in order.keys), strict=True))
        rows = queryset.annotate(**expressions).order_by(*order.order_by(backward=backward))
        if values is not None:
            rows = rows.filter(order.beyond(values, backward=backward))
        page = list(rows[: self.page_size + 1])
        more = len(page) > self.page_size
        page = page[: self.page_size]
        if backward:
            page.reverse()
        self._link(page, names, order, more=more, backward=backward, inside=values is not None)
        return page

    def _link(
        self, page: list[Any], names: list[str], order: Order, *, more: bool, backward: bool, inside: bool
    ) -> None:
        """Keep the links: a page reached by a cursor always has the side it came from."""
        has_next, has_previous = (True, more) if backward else (more, inside)
        edge = {True: page[0], False: page[-1]} if page else {}

        def link(*, back: bool) -> str | None:
            if not edge:
                return None
            values = [key.dump(_value(edge[back], name)) for (key, _), name in zip(order.keys, names, strict=True)]
            return replace_query_param(self.url, "cursor", self._write_cursor(values, backward=back))

        self.next = link(back=False) if has_next else None
        self.previous = link(back=True) if has_previous else None

    def _write_cursor(self, values: Sequence[Any], *, backward: bool) -> str:
        text = json.dumps([int(backward), self.context, values], separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    def _read_cursor(self, cursor: str | None, order: Order) -> tuple[list[Any] | None, bool]:
        if cursor is None:
            return None, False
        try:
            padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
            backward, context, values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
            if context != self.context or backward not in (0, 1) or not isinstance(values, list):
                raise ValueError(cursor)
            order.beyond(values, backward=bool(backward))  # refuses values that do not fit
        except (ValueError, TypeError, RecursionError, OverflowError, binascii.Error):
            raise ValidationError.at(
                "/cursor", "invalid_cursor", "The cursor is not one of this list with these filters and order."
            ) from None
        return values, bool(backward)

    def get_paginated_response(self, data: Any) -> Response:
        body = {"next": self.next, "previous": self.previous, "results": data}
        if self.total is not None:
            body = {"count": self.total, **body}
        return Response(body)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        url = {"type": "string", "format": "uri", "nullable": True}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "count": {"type": "integer", "description": "Only with `count=true`."},
                "next": url,
                "previous": url,
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        choices = [sign + name for name in view.ordering_keys for sign in ("", "-")]  # type: ignore[attr-defined]
        return [
            _parameter("cursor", {"type": "string"}, "Opaque; taken from `next` or `previous`."),
            _parameter(
                "page_size",
                {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": DEFAULT_PAGE_SIZE},
                "Rows on a page.",
            ),
            _parameter("count", {"type": "boolean", "default": False}, "Add the number of all rows."),
            _parameter(
                "ordering",
                {"type": "string"},
                f"One of {', '.join(choices)}, or several separated by commas. Default: {view.default_ordering}.",  # type: ignore[attr-defined]
            ),
        ]


def _parameter(name: str, schema: dict[str, Any], description: str) -> dict[str, Any]:
    return {"name": name, "in": "query", "required": False, "description": description, "schema": schema}


def _value(row: Any, name: str) -> Any:
    return row[name] if isinstance(row, dict) else getattr(row, name)


def _page_size(query: Mapping[str, str]) -> int:
    text = query.get("page_size")
    if text is None:
        return DEFAULT_PAGE_SIZE
    if not (text.isascii() and text.isdigit() and len(text) < 4 and 1 <= int(text) <= MAX_PAGE_SIZE):
        raise ValidationError.at("/page_size", "invalid", f"page_size is a number from 1 to {MAX_PAGE_SIZE}.")
    return int(text)


def _wants_count(query: Mapping[str, str]) -> bool:
    text = query.get("count", "false").lower()
    if text not in {"true", "false", "1", "0"}:
        raise ValidationError.at("/count", "invalid", "count is `true` or `false`.")
    return text in {"true", "1"}


def _context(request: Request) -> str:
    """Return a digest of everything but the place and size of the page."""
    parts = sorted(
        (name, value)
        for name, values in request.query_params.lists()
        if name not in {"cursor", "page_size", "count"}
        for value in values
    )
    text = json.dumps([iri_to_uri(request.path), parts])
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=6).hexdigest()
