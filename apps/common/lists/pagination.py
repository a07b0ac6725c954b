"""Keyset pagination: every committed row exactly once, whatever others write meanwhile."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.db.models import BigIntegerField, QuerySet, Subquery
from django.http import QueryDict
from django.utils.encoding import iri_to_uri
from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.common.errors import ValidationError, collect_faults
from apps.common.lists.ordering import ID, Order, OrderKey
from apps.common.sql.statements import Parameter

DEFAULT_PAGE_SIZE = 50
MAX_PAGE_SIZE = 100
CURSOR = "Where the page begins: the `cursor` in `next` or `previous` of a page with the same filters and order."
PARAMETERS = frozenset({"cursor", "page_size", "count", "ordering"})


class Page:
    """The page that a request asks for: its place, size and order.

    The opaque cursor holds the sort key of the row at the page's edge, the direction, and a digest
    of path, filters and order: with any of these changed it is rejected. Raises ValidationError.
    """

    def __init__(
        self,
        request: Request,
        *,
        choices: Mapping[str, OrderKey],
        default: str,
        last: OrderKey = ID,
        context: Any = None,
        query: QueryDict | None = None,
    ) -> None:
        """Read the page from `query`, or else from the request's query parameters.

        `context` is what a cursor depends on beside them, as JSON: what names a saved filter may have changed.
        """
        query = request.query_params if query is None else query
        self._site, self._path = f"{request.scheme}://{request.get_host()}", iri_to_uri(request.path)
        self._asked = [(name, value) for name, values in query.lists() for value in values if name != "cursor"]
        self.ordering = query.get("ordering", default)
        self._context = self._digest(context)
        self.size, self.is_counted, _ = collect_faults(
            lambda: _page_size(query), lambda: _wants_count(query), lambda: self._read_place(query, choices, last)
        )

    def arrange(self, queryset: QuerySet[Any, Any], values: Sequence[Any] | None) -> QuerySet[Any, Any]:
        """Return the rows of the page and one more, sorted, each with its sort key as `_key0`, `_key1`, ...

        `values` is the sort key of the row beyond which the page begins.
        """
        expressions = {name: key.expression for name, (key, _) in zip(self.key_names, self.order.keys, strict=True)}
        rows = queryset.annotate(**expressions).order_by(*self.order.order_by(backward=self.backward))
        if values is not None:
            rows = rows.filter(self.order.beyond(values, backward=self.backward))
        limited: QuerySet[Any, Any] = rows[: self.size + 1]
        return limited

    @property
    def shape(self) -> tuple[Any, ...]:
        """Return what of the page decides the SQL; what does not is in `parameter_values`."""
        known = None if self.values is None else tuple(value is not None for value in self.values)
        return self.ordering, self.size, self.backward, self.is_counted, known

    def parameters(self) -> list[Parameter | None] | None:
        """Return the sort key beyond which the page begins, as parameters; a null in it is part of the shape."""
        if self.values is None:
            return None
        return [
            None if value is None else Parameter(f"key{position}", key.kind())
            for position, ((key, _), value) in enumerate(zip(self.order.keys, self.values, strict=True))
        ]

    def parameter_values(self) -> dict[str, Any]:
        """Return the values of `parameters`."""
        return {f"key{position}": value for position, value in enumerate(self.values or ())}

    @property
    def key_names(self) -> list[str]:
        """Return the names under which `arrange` adds the sort key."""
        return [f"_key{position}" for position in range(len(self.order.keys))]

    @property
    def sorted_names(self) -> list[tuple[str, bool]]:
        """Return each of `key_names`, and whether the page as it is read descends by it."""
        return [
            (name, descending != self.backward)
            for name, (_, descending) in zip(self.key_names, self.order.keys, strict=True)
        ]

    def cut(self, rows: list[Any]) -> tuple[list[Any], bool]:
        """Return the rows in the order of the list, and whether there were more."""
        more = len(rows) > self.size
        page = rows[: self.size]
        if self.backward:
            page.reverse()
        return page, more

    def count_of_no_rows(self, count: Callable[[], int]) -> int:
        """Return the number of all rows when the page has none: `count` is asked only behind a cursor."""
        return 0 if self.values is None else count()

    def links(self, keys: tuple[Sequence[Any], Sequence[Any]] | None, *, more: bool) -> tuple[str | None, str | None]:
        """Return the URLs (next, previous), given the sort keys of the page's first and last row.

        A page reached by a cursor always has the side it came from.
        """
        if keys is None:
            return None, None
        has_next, has_previous = (True, more) if self.backward else (more, self.values is not None)
        first, last = keys
        return (
            self._link(last, backward=False) if has_next else None,
            self._link(first, backward=True) if has_previous else None,
        )

    def path_beside(self, values: Sequence[Any], *, backward: bool) -> str:
        """Return the path and query of the page that begins behind the row with this sort key, or ends before it."""
        query = urlencode([("cursor", self._cursor(values, backward=backward)), *self._asked])
        return f"{self._path}?{query}"

    def _link(self, values: Sequence[Any], *, backward: bool) -> str:
        return self._site + self.path_beside(values, backward=backward)

    def _cursor(self, values: Sequence[Any], *, backward: bool) -> str:
        plain = [key.dump(value) for (key, _), value in zip(self.order.keys, values, strict=True)]
        text = json.dumps([int(backward), self._context, plain], ensure_ascii=False, separators=(",", ":"))
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    def _digest(self, context: Any) -> str:
        """Return a digest of everything but the place and size of the page."""
        parts = sorted(part for part in self._asked if part[0] not in {"page_size", "count"})
        text = json.dumps([self._path, parts] if context is None else [self._path, parts, context])
        return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=6).hexdigest()

    def _read_place(self, query: Mapping[str, str], choices: Mapping[str, OrderKey], last: OrderKey) -> None:
        self.order = Order.parse(self.ordering, choices, last=last)
        self.values, self.backward = self._read_cursor(query.get("cursor"))

    def _read_cursor(self, cursor: str | None) -> tuple[list[Any] | None, bool]:
        if cursor is None:
            return None, False
        try:
            padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
            backward, context, values = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
            if context != self._context or backward not in (0, 1) or not isinstance(values, list):
                raise ValueError(cursor)
            return self.order.parse_values(values), bool(backward)
        except (ValueError, TypeError, RecursionError, OverflowError, binascii.Error):
            raise ValidationError.at(
                "/cursor", "invalid_cursor", "The cursor is not one of this list with these filters and order."
            ) from None


class BodyPage(Page):
    """A page that a body asks for, with cursors for the next body in place of URLs."""

    def _link(self, values: Sequence[Any], *, backward: bool) -> str:
        return self._cursor(values, backward=backward)


class RowCount(Subquery):
    """The number of a queryset's rows, as a value inside the statement that reads a page of them.

    Both come from one snapshot: a count read by a statement of its own may contradict the rows.
    """

    template = "(SELECT count(*) FROM (%(subquery)s) counted)"

    def __init__(self, rows: QuerySet[Any, Any]) -> None:
        super().__init__(rows.order_by().values_list("pk"), output_field=BigIntegerField())


def require_valid(request: Request, view: Any) -> None:
    """Raise ValidationError for bad values of PARAMETERS, in a list that this pages."""
    if getattr(view, "ordering_keys", None) is not None:
        page_of(request, view)


def page_of(request: Request, view: Any) -> Page:
    """Return the page that is asked for of the list of `view`; raises ValidationError."""
    last = getattr(view, "last_ordering_key", ID)
    return Page(request, choices=view.ordering_keys, default=view.default_ordering, last=last)


class KeysetPagination(BasePagination):
    """Pages a list by its view's `ordering_keys` (name to OrderKey) and `default_ordering`.

    A table whose ids are UUIDs has its view say so: `last_ordering_key = UUID_ID`.
    """

    def paginate_queryset(  # type: ignore[override]
        self, queryset: QuerySet[Any], request: Request, view: APIView | None = None
    ) -> list[Any]:
        page = page_of(request, view)
        counted = queryset.annotate(_total=RowCount(queryset)) if page.is_counted else queryset
        rows, more = page.cut(list(page.arrange(counted, page.values)))
        self.total: int | None = None
        if page.is_counted:
            self.total = _value(rows[0], "_total") if rows else page.count_of_no_rows(queryset.order_by().count)
        edges = (rows[0], rows[-1]) if rows else None
        keys = tuple([_value(row, name) for name in page.key_names] for row in edges) if edges else None
        self.next, self.previous = page.links(keys, more=more)  # type: ignore[arg-type]
        return rows

    def get_paginated_response(self, data: Any) -> Response:
        body = {"next": self.next, "previous": self.previous, "results": data}
        if self.total is not None:
            body = {"count": self.total, **body}
        return Response(body)

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        # The examples are those of a page that is the whole list.
        url = {"type": ["string", "null"], "format": "uri", "example": None}
        count = "The number of all rows; only with `count=true`."
        return {
            "type": "object",
            "description": "A page of a list.",
            "required": ["next", "previous", "results"],
            "properties": {
                "count": {"type": "integer", "format": "int64", "description": count, "example": 1},
                "next": url | {"description": "Where the next page is; null on the last one."},
                "previous": url | {"description": "Where the page before is; null on the first one."},
                "results": schema,
            },
        }

    def get_schema_operation_parameters(self, view: APIView) -> list[dict[str, Any]]:
        choices = [sign + name for name in view.ordering_keys for sign in ("", "-")]  # type: ignore[attr-defined]
        return [
            _parameter(
                "cursor",
                {"type": "string"},
                CURSOR,
            ),
            _parameter(
                "page_size",
                {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": DEFAULT_PAGE_SIZE},
                "How many rows a page has.",
            ),
            _parameter(
                "count",
                {"type": "boolean", "default": False},
                "Whether `count`, the number of all rows, is answered.",
            ),
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
