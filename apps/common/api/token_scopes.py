"""What an API token must hold for each operation: every view of the API says so in `token_scopes` (contract TK4).

    token_scopes = needs("tasks:read", "tasks:write")

An operation that names no scope is not for tokens; a start-up check rejects a view that says nothing at all.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.common.errors import ForbiddenError
from apps.common.origin import insufficient_scope

SCOPES = (
    "tasks:read",
    "tasks:write",
    "comments:write",
    "files:write",
    "projects:read",
    "projects:admin",
    "views:write",
    "webhooks:manage",
    "export:read",
    "events:read",
    "notifications:read",
    "notifications:write",
    "profile:read",
)
READ_ONLY = ("tasks:read", "projects:read", "export:read", "events:read", "notifications:read", "profile:read")
SHORTHANDS: Mapping[str, tuple[str, ...]] = {"read_only": READ_ONLY, "full": SCOPES}
NOT_FOR_TOKENS = None
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


@dataclass(frozen=True)
class Needed:
    """The scope that each operation of a view needs; see `needs`."""

    read: str | None = None
    write: str | None = None
    actions: Mapping[str, str | None] = field(default_factory=dict)

    def of(self, action: str, method: str) -> str | None:
        """Return the scope for an action (or a method, where a view has no actions); None: not for tokens."""
        if action in self.actions:
            return self.actions[action]
        return self.read if method in SAFE else self.write

    def all(self) -> set[str]:
        """Return every scope that some operation of the view needs."""
        return {scope for scope in (self.read, self.write, *self.actions.values()) if scope is not None}


def needs(read: str | None = None, write: str | None = None, **actions: str | None) -> Needed:
    """Return what a view's `token_scopes` is.

    `read` is for GET, HEAD and OPTIONS, `write` for the other methods; `actions` names exceptions by the action, or by
    the method in lower case where a view has no actions. NOT_FOR_TOKENS closes what it stands for, and so does leaving
    `read` or `write` out. Raises ValueError for an unknown scope.
    """
    needed = Needed(read, write, actions)
    if unknown := needed.all() - set(SCOPES):
        raise ValueError(f"Unknown scopes: {', '.join(sorted(unknown))}")
    return needed


not_for_tokens = needs()


def needed_scope(view: Any, method: str) -> str | None:
    """Return the scope that a token needs for what it asks of `view`; None where the operation is not for tokens."""
    declared: Needed | None = getattr(view, "token_scopes", None)
    if declared is None:
        return NOT_FOR_TOKENS
    if method == "OPTIONS":  # describes the route: whoever may use some of it may read that
        return declared.read or declared.write or next(iter(sorted(declared.all())), None)
    return declared.of(getattr(view, "action", None) or method.lower(), method)


def require_declared_scope(view: Any, method: str, held: Collection[str]) -> None:
    """Raise ForbiddenError unless `held` has what the operation needs; a method that there is not needs nothing (405).

    Asked before anything is looked up (contract TK2).
    """
    if not _is_answered(view, method):
        return
    needed = needed_scope(view, method)
    if needed is None:
        raise ForbiddenError("This is not for API tokens: log in.", code="not_for_tokens")
    if needed not in held:
        raise insufficient_scope(needed)


def _is_answered(view: Any, method: str) -> bool:
    if hasattr(view, "action"):
        return view.action is not None
    return hasattr(view, method.lower())
