"""Through which door the running code acts: the API, a page, the admin site, an import or a job.

The event log stores it with each event (contract E5). An API token narrows what its owner sees, and the door says to
which projects: every query of what a person sees asks it (contract TK3). Like the request id, it is a property of the
running request or job and not of a single call.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from apps.common.errors import ForbiddenError


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
    """An origin, and the API token if it is one: whose it is, its scopes, and its projects unless it has all."""

    origin: Origin = Origin.JOB
    token_id: int | None = None
    user_id: int | None = None
    scopes: frozenset[str] = frozenset()
    projects: tuple[int, ...] | None = None


JOB = Door()
_current: ContextVar[Door] = ContextVar("door", default=JOB)


def current_door() -> Door:
    """Return the door of the running request; outside of requests it is a job."""
    return _current.get()


@contextmanager
def acting_through(origin: Origin | Door, *, token_id: int | None = None) -> Iterator[None]:
    """Let what runs inside act through this door."""
    reset = _current.set(origin if isinstance(origin, Door) else Door(origin, token_id))
    try:
        yield
    finally:
        _current.reset(reset)


def enter(door: Door) -> None:
    """Let the rest of the running request act through `door`: authentication has found an API token."""
    _current.set(door)


def listed_projects(user: Any) -> tuple[int, ...] | None:
    """Return the ids of the projects to which an API token narrows what `user` (a person or an id) sees.

    None when nothing does: there is no token, it has all projects, or it is somebody else's. What is no number stands
    for the caller in a prepared statement.
    """
    door = _current.get()
    pk = getattr(user, "pk", user)
    return None if isinstance(pk, int) and pk != door.user_id else door.projects


def is_narrowed() -> bool:
    """Return whether the caller's API token is limited to projects."""
    return _current.get().projects is not None


def is_out_of_reach(project_id: int, user_id: int) -> bool:
    """Return whether an API token of this person keeps the project from them."""
    listed = listed_projects(user_id)
    return listed is not None and project_id not in listed


def require_all_projects() -> None:
    """Raise ForbiddenError when the caller's API token is limited to projects: what follows is about no single one."""
    if is_narrowed():
        raise ForbiddenError("A token that is limited to projects may not do this.", code="not_for_tokens")


def require_scope(scope: str) -> None:
    """Raise ForbiddenError when the caller's API token lacks `scope`, where only the thing itself says it is needed."""
    door = _current.get()
    if door.token_id is not None and scope not in door.scopes:
        raise insufficient_scope(scope)


def insufficient_scope(scope: str) -> ForbiddenError:
    """Return the answer to a token without `scope` (RFC 6750 §3.1)."""
    return ForbiddenError(
        f"The token needs the scope {scope}.", code="insufficient_scope", extra={"required_scopes": [scope]}
    )
