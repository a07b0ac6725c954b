"""Through which door the running code acts: the API, a page, the admin site, an import or a job.

The event log stores it with each event (contract E5). Like the request id, it is a property of the running request or
job and not of a single call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum

from django.http import HttpRequest, HttpResponseBase

from apps.common.web.areas import is_api


class Origin(StrEnum):
    """The doors. `mcp` is reserved."""

    API = "api"
    TOKEN = "token"  # noqa: S105 - a word, no secret
    PAGE = "page"
    ADMIN = "admin"
    IMPORT = "import"
    JOB = "job"


ORIGIN_CHOICES = [(origin.value, origin.value) for origin in Origin]


@dataclass(frozen=True)
class Door:
    """An origin, and the API token if it is one."""

    origin: Origin = Origin.JOB
    token_id: int | None = None


JOB = Door()
_current: ContextVar[Door] = ContextVar("door", default=JOB)


def current_door() -> Door:
    """Return the door of the running request; outside of requests it is a job."""
    return _current.get()


@contextmanager
def acting_through(origin: Origin, *, token_id: int | None = None) -> Iterator[None]:
    """Let what runs inside act through this door."""
    reset = _current.set(Door(origin, token_id))
    try:
        yield
    finally:
        _current.reset(reset)


class OriginMiddleware:
    """Set the door for the time of a request, by its path."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        with acting_through(_origin_of(request)):
            return self.get_response(request)


def _origin_of(request: HttpRequest) -> Origin:
    if is_api(request):
        return Origin.API
    return Origin.ADMIN if request.path_info.startswith("/admin/") else Origin.PAGE
