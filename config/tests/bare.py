"""The smallest WSGI application, for tests of the server in front of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer nothing."""
    start_response("204 No Content", [])
    return []
