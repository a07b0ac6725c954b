"""The smallest WSGI application, for tests of the server in front of it."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from typing import Any


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer nothing, and say in a header whether garbage is collected, but not in what was loaded."""
    frozen = gc.get_freeze_count() > 0
    start_response("204 No Content", [("X-Collector", f"on={gc.isenabled()} frozen={frozen}")])
    return []
