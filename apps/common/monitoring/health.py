"""Liveness and readiness: what the installation's parts say, in bounded time and without secrets."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextvars import copy_context
from datetime import datetime
from functools import lru_cache, partial
from queue import Empty, Queue
from typing import Any

from celery import current_app
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from apps.common.models import Heartbeat
from apps.common.redis_client import redis_client

logger = logging.getLogger(__name__)

PATIENCE = 2.0  # seconds for each part; they are asked at the same time
STALE_BEAT = 120  # seconds without a periodic job
STALE_NOTIFICATION = 300  # seconds that a mail may be overdue

OK, SILENT = "ok", "does not answer"


class Probe:
    """Asks one part in a thread of its own; the caller meanwhile gets the same answer.

    A part that hangs keeps one thread, however often it is asked for.
    """

    def __init__(self, ask: Callable[[], Any]) -> None:
        self.ask = ask
        self._lock = threading.Lock()
        self._waiting: list[Queue[Any]] = []

    def start(self) -> Queue[Any]:
        """Begin to ask, unless that is under way; the queue gets the answer, or SILENT after an error."""
        answer: Queue[Any] = Queue(1)
        with self._lock:
            self._waiting.append(answer)
            if len(self._waiting) > 1:
                return answer
        run = partial(copy_context().run, self._run)  # the log lines keep the request id
        threading.Thread(target=run, daemon=True, name="health").start()
        return answer

    def _run(self) -> None:
        found: Any = SILENT
        try:
            found = self.ask()
        except Exception as error:  # noqa: BLE001 - whatever a part's client raises, the part is not well
            logger.warning("Health: %s: %s", self.ask.__name__, error)
        finally:
            connection.close()
            with self._lock:
                waiting, self._waiting = self._waiting, []
            for answer in waiting:
                answer.put(found)


def ask_database() -> dict[str, Any]:
    """Return whether migrations are missing, and the newest sign of life of a periodic job."""
    applied = set(MigrationRecorder(connection).applied_migrations())
    if missing := len(_migrations() - applied):
        return {"migrations": f"{missing} missing", "last_beat_at": None, "oldest": None}
    beat = Heartbeat.objects.aggregate(last=Max("beat_at"))["last"]
    return {"migrations": OK, "last_beat_at": beat, "oldest": _oldest_unsent()}


@lru_cache
def _migrations() -> frozenset[tuple[str, str]]:
    """Return (app, name) of every migration that this code brings."""
    return frozenset(MigrationLoader(None).disk_migrations)


# Filled by the app that owns the outbox: returns when the oldest overdue mail was due, or None.
_oldest_unsent: Callable[[], datetime | None] = lambda: None  # noqa: E731


def report_oldest_unsent(function: Callable[[], datetime | None]) -> None:
    """Let readiness report the age of the oldest unsent notification."""
    global _oldest_unsent
    _oldest_unsent = function


def ask_cache() -> str:
    """Ping the cache's Redis."""
    redis_client().ping()
    return OK


def ask_broker() -> str:
    """Ping Celery's broker, with short time limits of its own."""
    with current_app.connection_for_write() as broker:
        broker.transport_options = broker.transport_options | {"socket_timeout": 1, "socket_connect_timeout": 1}
        broker.ensure_connection(max_retries=1, timeout=1)
        broker.default_channel.client.ping()
    return OK


PROBES = {"database": Probe(ask_database), "cache": Probe(ask_cache), "broker": Probe(ask_broker)}


@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """Say that the process answers; asks nobody."""
    return JsonResponse({"status": OK})


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Say how the parts are: 503 only without the database or with migrations missing, else 200."""
    asked = {name: probe.start() for name, probe in PROBES.items()}
    deadline = timezone.now().timestamp() + PATIENCE
    answers = {name: _wait(answer, deadline) for name, answer in asked.items()}
    body, status = assess(answers, now=timezone.now())
    return JsonResponse(body, status=status, headers={"Cache-Control": "no-store"})


def _wait(answer: Queue[Any], deadline: float) -> Any:
    try:
        return answer.get(timeout=max(0.01, deadline - timezone.now().timestamp()))
    except Empty:
        return SILENT


def assess(answers: dict[str, Any], *, now: datetime) -> tuple[dict[str, Any], int]:
    """Return the body and the HTTP status for what the parts answered."""
    database = answers["database"]
    if database == SILENT:
        database, reached = {"migrations": "unknown", "last_beat_at": None, "oldest": None}, SILENT
    else:
        reached = OK
    oldest, beat = database["oldest"], database["last_beat_at"]
    overdue = round((now - oldest).total_seconds()) if oldest else None
    usable = reached == OK and database["migrations"] == OK
    well = (
        answers["cache"] == answers["broker"] == OK
        and (overdue is None or overdue < STALE_NOTIFICATION)
        and beat is not None
        and (now - beat).total_seconds() < STALE_BEAT
    )
    body = {
        "status": "unavailable" if not usable else OK if well else "degraded",
        "database": reached,
        "migrations": database["migrations"],
        "cache": answers["cache"],
        "broker": answers["broker"],
        "oldest_unsent_notification_seconds": overdue,
        "last_beat_at": beat.isoformat().replace("+00:00", "Z") if beat else None,
    }
    return body, 200 if usable else 503
