"""Server-sent events as bytes (HTML standard, section 9.2)."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from apps.sync.state import State

RETRY = b"retry: 3000\n\n"
KEEP_ALIVE = b": still here\n\n"


def hello(state: State) -> bytes:
    """Return the first event of a stream."""
    data = {"epoch": str(state.epoch), "projects": {str(pk): seq for pk, seq in sorted(state.projects.items())}}
    return _identified(state.digest, _event("hello", data))


def change(digest: str, *, projects: Mapping[int, int], me: bool) -> bytes:
    """Return what changed: the numbers of projects, and whether something of the person's own did.

    `digest` is that of the person's state. The rest is mostly the same for all who share a project, and made once.
    """
    return _identified(digest, _change(tuple(sorted(projects.items())), me))


def bye(reason: str) -> bytes:
    """Return the last event of a stream."""
    return _event("bye", {"reason": reason})


@lru_cache(maxsize=64)
def _change(projects: tuple[tuple[int, int], ...], me: bool) -> bytes:
    return _event("change", {"projects": {str(pk): seq for pk, seq in projects}, "me": me})


def _identified(digest: str, event: bytes) -> bytes:
    return b"id: " + digest.encode() + b"\n" + event


def _event(name: str, data: dict[str, Any]) -> bytes:
    text = json.dumps(data, separators=(",", ":"))
    return f"event: {name}\ndata: {text}\n\n".encode()
