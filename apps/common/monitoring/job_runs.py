"""Watches jobs: how long each ran and how it ended; a worker shows its own numbers on METRICS_PORT."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from celery import signals
from django.conf import settings
from django.utils.crypto import constant_time_compare
from prometheus_client import make_wsgi_app, multiprocess

from apps.common.monitoring import metrics

_began: dict[str, float] = {}


def connect(**_: Any) -> None:
    """Listen to Celery; receiver of `worker_init`, before the worker forks its processes."""
    signals.task_prerun.connect(_job_begins, weak=False)
    signals.task_postrun.connect(_job_ends, weak=False)
    signals.worker_ready.connect(_show_numbers, weak=False)
    signals.worker_process_shutdown.connect(_process_ends, weak=False)


def _job_begins(task_id: str = "", **_: Any) -> None:
    _began[task_id] = time.perf_counter()


def _job_ends(task_id: str = "", task: Any = None, state: str = "", **_: Any) -> None:
    began = _began.pop(task_id, None)
    if began is not None:
        metrics.job_seconds.labels(task.name, (state or "unknown").lower()).observe(time.perf_counter() - began)


def _process_ends(pid: int = 0, **_: Any) -> None:
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.mark_process_dead(pid)  # type: ignore[no-untyped-call]


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the base class's
        """Scrapes are not worth a line."""


def _show_numbers(**_: Any) -> None:
    if settings.METRICS_PORT and settings.METRICS_TOKEN:
        server = make_server("", settings.METRICS_PORT, _guarded, handler_class=_Silent)
        Thread(target=server.serve_forever, name="metrics", daemon=True).start()


def _guarded(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    given = environ.get("HTTP_AUTHORIZATION", "")
    if not constant_time_compare(given, f"Bearer {settings.METRICS_TOKEN}"):
        start_response("401 Unauthorized", [("WWW-Authenticate", 'Bearer realm="metrics"')])
        return [b""]
    show: Callable[..., Iterable[bytes]] = make_wsgi_app(metrics.registry(with_state=False))
    return show(environ, start_response)
