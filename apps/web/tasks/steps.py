"""The tasks before and behind one in the list that a person came from."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.db.models import QuerySet
from django.http import HttpRequest, QueryDict
from django.urls import Resolver404, ResolverMatch, get_script_prefix, resolve, reverse

from apps.common.errors import DomainError
from apps.common.lists.pagination import MAX_PAGE_SIZE, PARAMETERS, Page
from apps.tasks.models import Task
from apps.web.base.paths import own_path, page_before
from apps.web.base.patience import within_filter_limit
from apps.web.tasks.lists import BY_GROUP, BY_HAND
from apps.web.tasks.reading import TaskRows

FROM = "from"  # the parameter of a task's page that names the list
# The pages with one order of their own, and that order
LISTS = {"project": BY_GROUP, "project-board": BY_HAND[0], "view-page": BY_GROUP, "search": "-updated_at"}


@dataclass(frozen=True)
class Steps:
    """The addresses of the neighbours, None where there is none or it is not known; `origin` is that of the list."""

    origin: str = ""
    previous: str | None = None
    next: str | None = None


NOWHERE = Steps()


def steps_of(request: HttpRequest, task: Task) -> Steps:
    """Return the neighbours of `task`, by one kept statement, and none when the page was not opened from a list.

    The order is that of the list with its filters; of a project's board, that of the column. A list that the reader
    may not see, that is broken or takes too long has no neighbours: the page of the task is shown without them.
    """
    origin = _origin_of(request)
    found = _list_at(origin)
    if found is None:
        return NOWHERE
    try:
        return _Around(request, origin, found, task).read()
    except DomainError:
        return NOWHERE


def _origin_of(request: HttpRequest) -> str:
    """Return the path of the list: the page's parameter, or else where the browser says that it comes from.

    A page of a task hands on the list that it was opened from.
    """
    if named := request.GET.get(FROM):
        return own_path(named, default="")
    page = page_before(request)
    came_from = urlsplit(page)
    match = _match(came_from.path) if page else None
    if match is not None and match.url_name == "task-page":
        return own_path(QueryDict(came_from.query).get(FROM), default="")
    return page


def _match(path: str) -> ResolverMatch | None:
    try:
        return resolve("/" + path.removeprefix(get_script_prefix()))
    except Resolver404:
        return None


def _list_at(origin: str) -> ResolverMatch | None:
    """Return which list has this address; a search without words or filters has none."""
    parts = urlsplit(origin)
    match = _match(parts.path) if origin else None
    if match is None or match.url_name not in LISTS:
        return None
    return match if parts.query or match.url_name != "search" else None


class _Places(TaskRows):
    """A list of which ids and sort keys are read."""

    def selected(self, rows: QuerySet[Task]) -> tuple[QuerySet[Task], list[str]]:
        """Return the rows and their columns."""
        return rows, ["pk"]


class _Around:
    """The part of a list around a task. `request` is one for the list, so that cursors fit it."""

    def __init__(self, request: HttpRequest, origin: str, found: ResolverMatch, task: Task) -> None:
        parts = urlsplit(origin)
        query = QueryDict(parts.query, mutable=True)
        query.pop("month", None)
        if found.url_name in {"project", "project-board"}:
            query["project"] = str(found.kwargs["pk"])
        if found.url_name == "project-board":
            query["status"], query["ordering"] = task.status, BY_HAND[0]
        if found.url_name == "view-page":
            query["view"] = str(found.kwargs["pk"])
        query["page_size"] = str(MAX_PAGE_SIZE)
        self.origin, self.task = origin, task
        self.request = copy.copy(request)
        self.request.path, self.request.GET = parts.path, query  # type: ignore[assignment]  # read only from here on
        self.default_ordering = LISTS[str(found.url_name)]

    @within_filter_limit
    def read(self) -> Steps:
        """Return the neighbours; raises what reading the list raises."""
        places = _Places(self.request, self.default_ordering)
        criteria = places.completed_criteria(places.request, PARAMETERS)
        page = Page(places.request, **places.page_options(criteria))
        values = places.parameter_values() | criteria.values | page.parameter_values()
        rows = places.page_rows(criteria, page, values)
        ordered = rows[::-1] if page.backward else rows
        ids = [row[page.is_counted] for row in ordered]
        if self.task.pk not in ids:
            return NOWHERE
        return self._beside(page, ids, [row[-len(page.key_names) :] for row in ordered])

    def _beside(self, page: Page, ids: Sequence[int], keys: Sequence[Any]) -> Steps:
        """Return the neighbours. One at the edge of what was read gets the part of the list around it."""
        at, last = ids.index(self.task.pk), len(ids) - 1
        half = page.size // 2
        is_full = len(ids) > page.size
        goes_on_before = is_full if page.backward else page.values is not None
        goes_on_behind = page.backward or is_full
        previous = following = None
        if at > 0:
            is_edge = goes_on_before and at == 1 and last > at
            end = keys[min(at + half, last)]
            previous = _address(ids[at - 1], page.path_beside(end, backward=True) if is_edge else self.origin)
        if at < last:
            is_edge = goes_on_behind and at + 1 == last and at > 0
            start = keys[max(at - half, 0)]
            following = _address(ids[at + 1], page.path_beside(start, backward=False) if is_edge else self.origin)
        return Steps(self.origin, previous, following)


def _address(pk: int, origin: str) -> str:
    return f"{reverse('task-page', args=[pk])}?{urlencode({FROM: origin})}"
