"""Server-sent events as bytes (HTML standard, section 9.2)."""

from __future__ import annotations

import json
from typing import Any

from apps.sync.state import State

RETRY = b"retry: 3000\n\n"
KEEP_ALIVE = b": still here\n\n"


def hello(state: State) -> bytes:
    """Return the first event of a stream."""
    return _event("hello", {"epoch": str(state.epoch), "projects": _projects(state.projects)}, state)


def change(state: State, *, projects: dict[int, int], me: bool) -> bytes:
    """Return what changed: the numbers of projects, and whether something of the person's own did."""
    return _event("change", {"projects": _projects(projects), "me": me}, state)


def bye(reason: str) -> bytes:
    """Return the last event of a stream."""
    return _event("bye", {"reason": reason})


def _projects(projects: Any) -> dict[str, int]:
    return {str(pk): seq for pk, seq in sorted(projects.items())}


def _event(name: str, data: dict[str, Any], state: State | None = None) -> bytes:
    text = json.dumps(data, separators=(",", ":"))
    number = f"id: {state.digest}\n" if state else ""
    return f"{number}event: {name}\ndata: {text}\n\n".encode()
