"""The request id: accepted or made, answered on every response, found in every log line."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from secrets import token_hex

from django.http import HttpRequest, HttpResponseBase

SANE = re.compile(r"[A-Za-z0-9._~+/=-]{1,128}\Z")

_current: ContextVar[str] = ContextVar("request_id", default="")


def current_request_id() -> str:
    """Return the id of the request, or of the request that caused the running job; may be empty."""
    return _current.get()


@contextmanager
def request_id_of(value: str) -> Iterator[None]:
    """Let a job work under the id of the request that caused it."""
    token = _current.set(value)
    try:
        yield
    finally:
        _current.reset(token)


class RequestIdMiddleware:
    """Set the id for the time of a request and answer it as X-Request-ID."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        value = given if SANE.match(given) else token_hex(16)
        request.request_id = value  # type: ignore[attr-defined]  # Django logs rejections after the middleware
        with request_id_of(value):
            response = self.get_response(request)
        response["X-Request-ID"] = value
        return response


class RequestIdFilter(logging.Filter):
    """Put the id on every log record."""

    def filter(self, record: logging.LogRecord) -> bool:
        request = getattr(record, "request", None)
        record.request_id = current_request_id() or getattr(request, "request_id", "") or "-"
        return True
