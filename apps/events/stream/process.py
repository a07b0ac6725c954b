"""What the stream process says about itself: alive, ready, and in numbers. Proxies do not pass these on."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Awaitable, Callable, MutableMapping
from queue import Empty
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.db import connection
from django.http import HttpResponseBase, JsonResponse

from apps.common.monitoring.health import OK, PATIENCE, SILENT, Probe
from apps.common.monitoring.metrics import metrics
from apps.events.stream.hub import Hub

Route = Callable[[Hub, MutableMapping[str, Any]], Awaitable[HttpResponseBase]]


def _ask_database() -> str:
    connection.ensure_connection()
    return OK


_database = Probe(_ask_database)


async def live(hub: Hub, scope: MutableMapping[str, Any]) -> HttpResponseBase:
    """Answer while the process lives; asks nobody."""
    return JsonResponse({"status": OK})


async def ready(hub: Hub, scope: MutableMapping[str, Any]) -> HttpResponseBase:
    """Say whether streams can be opened: 503 without the database, or when the process is about to end."""
    try:
        database = await asyncio.to_thread(_database.start().get, timeout=PATIENCE)
    except Empty:
        database = SILENT
    parts = {"database": database, "wake_ups": OK if hub.is_woken else SILENT, "stopping": hub.is_stopping}
    is_ready = database == OK and not hub.is_stopping
    body = {"status": OK if is_ready else "unavailable", "streams": len(hub.streams), **parts}
    return JsonResponse(body, status=200 if is_ready else 503, headers={"Cache-Control": "no-store"})


async def numbers(hub: Hub, scope: MutableMapping[str, Any]) -> HttpResponseBase:
    """Answer a scrape with what this process counts."""
    return metrics(ASGIRequest(dict(scope), io.BytesIO()), with_state=False)


ROUTES: dict[str, Route] = {"/health/": live, "/health/ready/": ready, "/metrics": numbers}
