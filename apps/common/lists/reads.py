"""Reads without model instances: PostgreSQL writes the JSON, from a statement compiled once per shape."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from functools import partial
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.request import Request

from apps.common.concurrency import make_etag, none_match
from apps.common.errors import NotFoundError, UnprocessableError, ValidationError, collect_faults
from apps.common.lists.criteria import (
    Criteria,
    TemplateRequest,
    apply_filters,
    completed,
    read_criteria,
)
from apps.common.lists.filters import parameters_of_several_values, require_known_parameters
from apps.common.lists.kept import composed_statement, statement
from apps.common.lists.pagination import PARAMETERS, Page, RowCount
from apps.common.sql.beside import PageWith
from apps.common.sql.json import AsText, joining, json_of
from apps.common.sql.statements import Parameter


class JsonAnswer(HttpResponse):
    """An answer whose JSON is there already; `data` parses it for those few who ask."""

    def __init__(self, text: str, *, status: int = HTTPStatus.OK) -> None:
        super().__init__(text.encode(), status=status, content_type="application/json")

    @property
    def data(self) -> Any:
        """Return the parsed body."""
        return json.loads(self.content)


def with_member(text: str, name: str, value: Any) -> str:
    """Return the text of a JSON object with one member more."""
    return f"{text[:-1]}, {json.dumps(name)}: {json.dumps(value, ensure_ascii=False)}}}"


class RenderedRow:
    """A row as its caller is shown it: JSON text, and what permissions and tags ask about."""

    __slots__ = ("pk", "role", "text", "version")

    def __init__(self, pk: int, text: str, version: int, role: str) -> None:
        self.pk, self.text, self.version, self.role = pk, text, version, role

    def add(self, name: str, value: Any) -> None:
        """Add a member to the JSON object."""
        self.text = with_member(self.text, name, value)

    @property
    def etag(self) -> str:
        """Return the entity tag."""
        return make_etag(self.version, self.text.encode())


class PreparedListMixin:
    """The list of a ScopedViewSet, through its `scope()`, filters and serializer.

    Statements are kept for the process and serve everybody, so they are built by a view of a
    `TemplateRequest`: what depends on the caller can only be a parameter.
    """

    def list(self: Any, request: Request, *args: Any, **kwargs: Any) -> JsonAnswer:
        criteria = self.completed_criteria(request, PARAMETERS)
        answer: JsonAnswer = self.listed(criteria, Page(request, **self.page_options(criteria)))
        return answer

    def completed_criteria(self: Any, request: Request, others: frozenset[str] = frozenset()) -> Criteria:
        """Return what the query parameters ask for; ValidationError with everything that is wrong with them.

        `others` are known parameters beside the filters: those of the page are judged with them.
        """
        known = self.filterset_class.base_filters.keys() | others
        several = parameters_of_several_values(self.filterset_class)
        steps: list[Callable[[], Any]] = [
            lambda: require_known_parameters(request, known, several=several),
            lambda: self.criteria(request),
        ]
        try:
            criteria = collect_faults(*steps)[1]
        except ValidationError:
            if others:
                collect_faults(*steps, lambda: self.require_place(request))
            raise
        return completed(self.filterset_class, criteria, self.actor)

    def require_place(self: Any, request: Request) -> None:
        """Raise ValidationError for what is wrong with the parameters beside the filters."""
        Page(request, choices=self.ordering_keys, default=self.default_ordering)

    def page_options(self: Any, criteria: Criteria) -> dict[str, Any]:
        """Return what a Page of this list is made with, beside the request."""
        default = criteria.ordering or self.default_ordering
        return {"choices": self.ordering_keys, "default": default, "context": criteria.context}

    def listed(self: Any, criteria: Criteria, page: Page) -> JsonAnswer:
        """Return a page of the list."""
        self.check_order(page.ordering, criteria)
        values = self.parameter_values() | criteria.values | page.parameter_values()
        rows, more = page.cut(self.page_rows(criteria, page, values))
        width = len(page.key_names)
        edges = (rows[0][-width:], rows[-1][-width:]) if rows else None
        following, previous = page.links(edges, more=more)
        head = ""
        if page.is_counted:
            total = rows[0][0] if rows else page.count_of_no_rows(lambda: self.count(criteria, values))
            head = f'"count":{total},'
        results = ",".join(self.written([row[page.is_counted : -width] for row in rows]))
        return JsonAnswer(
            f'{{{head}"next":{json.dumps(following)},"previous":{json.dumps(previous)},"results":[{results}]}}'
        )

    def check_order(self: Any, ordering: str, criteria: Criteria) -> None:
        """Raise ValidationError where the list has no such order with these criteria."""

    def criteria(self: Any, request: Request) -> Criteria:
        """Return what the query parameters ask for; ValidationError for bad values."""
        return read_criteria(self.filterset_class, request.query_params)

    def parameter_values(self: Any) -> dict[str, Any]:
        """Return the values of the parameters that every statement may have."""
        return {"user": self.actor.pk, "now": timezone.now()}

    def template_view(self: Any) -> Any:
        """Return a view that knows no caller, to build statements with."""
        return type(self)(action=self.action, request=TemplateRequest(), kwargs={}, format_kwarg=None)

    def scope_of(self: Any, criteria: Criteria) -> QuerySet[Any, Any]:
        """Return what the caller sees, so that these criteria narrow it quickly."""
        rows: QuerySet[Any, Any] = self.scope()
        return rows

    def comes_sorted(self: Any, criteria: Criteria, ordering: str) -> bool:
        """Return whether hardly more rows are read than shown: then joins are cheaper than looking up row by row."""
        return False

    def page_rows(self: Any, criteria: Criteria, page: Page, values: Mapping[str, Any]) -> Any:
        """Return the rows of a page, and one more if there is one; the last columns are the sort key."""
        key = (type(self), "list", criteria.shape, page.shape)
        once = partial(self.is_planned_once, criteria)
        return rows_of(criteria, key, lambda: self.list_rows(criteria, page), values, is_planned_once=once)

    def is_planned_once(self: Any, criteria: Criteria) -> bool:
        """Return whether one plan is right for whatever ids the criteria have, see `Statement`."""
        return False

    def list_rows(self: Any, criteria: Criteria, page: Page) -> QuerySet[Any, Any] | PageWith:
        """Build the rows of a list: JSON, or the columns that `written` needs, and sort key."""
        view = self.template_view()
        rows = apply_filters(self.filterset_class, view.scope_of(criteria), criteria.cleaned)
        with joining() if view.comes_sorted(criteria, page.ordering) else nullcontext():
            rows, columns = view.selected(rows)
        if page.is_counted:
            rows, columns = rows.annotate(_total=RowCount(self.counted(criteria))), ["_total", *columns]
        arranged = page.arrange(rows, page.parameters()).values_list(*columns, *page.key_names)
        beside = view.beside()
        return PageWith(arranged, columns, page.sorted_names, beside) if beside else arranged

    def beside(self: Any) -> Sequence[QuerySet[Any, Any]]:
        """Return queries about each row of the page, whose columns follow those of `selected`: see PageWith."""
        return ()

    def selected(self: Any, rows: QuerySet[Any, Any]) -> tuple[QuerySet[Any, Any], Sequence[str]]:
        """Return the rows and the columns that `written` needs: here the finished JSON alone."""
        return rows.annotate(_json=self.row_json()), ["_json"]

    def written(self: Any, rows: Sequence[tuple[Any, ...]]) -> Iterable[str]:
        """Return the JSON of each row."""
        return [row[0] for row in rows]

    def count(self: Any, criteria: Criteria, values: Mapping[str, Any]) -> int:
        """Return how many rows a list has in all."""
        key = (type(self), "count", criteria.shape)
        return int(rows_of(criteria, key, lambda: self.counted(criteria), values, is_count=True)[0][0])

    def counted(self: Any, criteria: Criteria) -> QuerySet[Any, Any]:
        """Build the rows that a list has in all."""
        rows: QuerySet[Any, Any] = apply_filters(
            self.filterset_class, self.template_view().scope_of(criteria), criteria.cleaned
        )
        return rows.order_by().values_list("pk")

    def row_json(self: Any) -> AsText:
        """Return the JSON of a row, which is what the serializer says it is."""
        return AsText(json_of(self.get_serializer_class()()))


class PreparedReadsMixin(PreparedListMixin):
    """Lists and single rows alike."""

    def retrieve(self: Any, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        rendered = self.rendered(int(kwargs[self.lookup_url_kwarg or self.lookup_field]))
        if rendered is None:
            raise NotFoundError
        self.check_object_permissions(request, rendered)
        answer: HttpResponse = JsonAnswer(rendered.text)
        etag = rendered.etag
        if none_match(request, etag):
            answer = HttpResponse(status=HTTPStatus.NOT_MODIFIED)
        answer["ETag"] = etag
        return answer

    def answer_fresh(
        self: Any, pk: int, *, status: int = HTTPStatus.OK, beside: Mapping[str, Any] | None = None
    ) -> JsonAnswer:
        """Return the row as it is now, see `ScopedViewSet.answer_write`; members `beside` are no part of the ETag."""
        rendered = self.rendered(pk)
        if rendered is None:
            raise NotFoundError
        etag = rendered.etag
        for name, value in (beside or {}).items():
            rendered.add(name, value)
        answer = JsonAnswer(rendered.text, status=status)
        answer["ETag"] = etag
        return answer

    def current_etag(self: Any, pk: int) -> str | None:
        """Return the tag of a row as the caller would be shown it; None when they would not."""
        rendered = self.rendered(pk)
        return rendered.etag if rendered else None

    def rendered(self: Any, pk: int) -> RenderedRow | None:
        """Return one row in the caller's scope."""
        rows = statement((type(self), "one"), self.one_row).run(self.parameter_values() | {"pk": pk})
        return RenderedRow(pk, *rows[0]) if rows else None

    def one_row(self: Any) -> QuerySet[Any, Any]:
        """Build a single row: JSON, version and the caller's role."""
        view = self.template_view()
        row: QuerySet[Any, Any] = view.scope().filter(pk=Parameter("pk")).annotate(_json=view.row_json())
        return row.values_list("_json", "version", "role")


def rows_of(
    criteria: Criteria,
    key: tuple[Any, ...],
    build: Callable[[], QuerySet[Any, Any] | PageWith],
    values: Mapping[str, Any],
    *,
    is_count: bool = False,
    is_planned_once: Callable[[], bool] | None = None,
) -> list[tuple[Any, ...]]:
    """Return the rows of the statement under `key`, whose condition are the criteria.

    Raises UnprocessableError `filter_too_costly` when a composed one takes longer than FILTER_TIMEOUT_MS.
    """
    if not criteria.is_composed:
        return statement(key, build, is_count=is_count, is_planned_once=is_planned_once).run(values)
    composed = composed_statement(key, build, is_count=is_count)
    try:
        return composed.run_within(settings.FILTER_TIMEOUT_MS, values)
    except TimeoutError:
        raise too_costly() from None


def too_costly() -> UnprocessableError:
    """Return the answer to a filter that takes the database longer than FILTER_TIMEOUT_MS."""
    detail = "The database needs too long for this filter: add a test that leaves fewer tasks, such as a project."
    return UnprocessableError(detail, code="filter_too_costly")
