"""Watches requests and statements: one log line and a few numbers for each request."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.http import HttpRequest, HttpResponseBase
from django.utils.functional import SimpleLazyObject

from apps.common.monitoring import metrics
from apps.common.monitoring.request_id import current_request_id

access_log = logging.getLogger("taskhouse.access")

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
METRICS_PATH = "/metrics"
QUIET = frozenset({"/health/", "/health/ready/"})


class Tally:
    """The statements of one request: how many, and how long they took in seconds."""

    __slots__ = ("queries", "seconds")

    def __init__(self) -> None:
        self.queries = 0
        self.seconds = 0.0


_tally: ContextVar[Tally | None] = ContextVar("tally", default=None)


class ObservationMiddleware:
    """Count and log each request under its route; answer scrapes before any other rule is asked.

    A scraper addresses the machine, not the site, so it must not stumble over ALLOWED_HOSTS or
    the redirect to https.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.path_info == METRICS_PATH:
            return metrics.metrics(request)
        tally = Tally()
        token = _tally.set(tally)
        metrics.in_flight.inc()
        began = time.perf_counter()
        try:
            response = self.get_response(request)
        finally:
            metrics.in_flight.dec()
            _tally.reset(token)
        _note(request, response.status_code, time.perf_counter() - began, tally)
        return response


def _note(request: HttpRequest, status: int, seconds: float, tally: Tally) -> None:
    method = request.method if request.method in METHODS else "OTHER"
    match = request.resolver_match
    route = readable(match.route) if match else "unmatched"
    metrics.count_request(method, route, status, seconds)
    metrics.count_queries(route, tally.queries, tally.seconds)
    if route in QUIET:
        return
    # The path stays out: single-use tokens are part of some.
    ids = " ".join(f"{k}={_one_line(v)}" for k, v in match.kwargs.items() if "token" not in k) if match else ""
    user = getattr(request, "user", None)
    if isinstance(user, SimpleLazyObject):  # asking it would ask the database
        user = None
    if access_log.isEnabledFor(logging.INFO):
        line = (
            f"{method} {route} {status} {ids or '-'} user={getattr(user, 'pk', None) or '-'} {seconds * 1000:.1f} ms, "
            f"{tally.queries} queries in {tally.seconds * 1000:.1f} ms"
        )
        # A record of our own: `info` would look for the line of the source that calls it.
        access_log.handle(access_log.makeRecord(access_log.name, logging.INFO, __file__, 0, line, (), None))


def _one_line(value: object) -> str:
    # A line break in a path must not look like a line of its own; Django's own lines escape the same way.
    return str(value).encode("unicode_escape").decode("ascii")


@lru_cache(maxsize=1024)
def readable(route: str) -> str:
    """Return a route of Django or of a router as `/api/tasks/<pk>/`."""
    return "/" + re.sub(r"\(\?P(<\w+>)[^)]*\)", r"\1", route).lstrip("^").rstrip("$").replace("/^", "/")


def observe_statements(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Watch every statement of a new connection (receiver of Django's `connection_created`)."""
    if _observe not in connection.execute_wrappers:
        connection.execute_wrappers.append(_observe)


def _observe(execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
    # The id as a comment leads from a slow statement in PostgreSQL's log to the request.
    if isinstance(sql, str) and (request_id := current_request_id()):
        sql = f"{sql} /*request_id='{request_id}'*/"
    began = time.perf_counter()
    try:
        return execute(sql, params, many, context)
    finally:
        count_statement(time.perf_counter() - began)


def count_statement(seconds: float) -> None:
    """Add a statement to the running request's tally."""
    tally = _tally.get()
    if tally is not None:
        tally.queries += 1
        tally.seconds += seconds
