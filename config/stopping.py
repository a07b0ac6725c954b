"""Whether the server of this process was asked to end; gunicorn's worker knows it before it tells the application."""

from __future__ import annotations

from typing import Any

_workers: list[Any] = []


def watch(worker: Any) -> None:
    """Remember gunicorn's worker."""
    _workers.append(worker)


def is_asked() -> bool:
    """Return whether it was asked to end."""
    return any(not worker.alive for worker in _workers)
