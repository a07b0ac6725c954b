"""How gunicorn serves the API: address, processes, threads and the life of a worker."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
from contextlib import suppress
from typing import Any

from prometheus_client import multiprocess

M_ARENA_MAX = -8  # malloc.h

bind = os.environ.get("WEB_BIND") or "0.0.0.0:8000"
workers = int(os.environ.get("WEB_WORKERS") or min(multiprocessing.cpu_count() * 2, 8))
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS") or 8)

# A heartbeat file on a disk blocks when the disk does, and gunicorn then kills healthy workers.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112, S108
control_socket_disable = True

# Longer than the longest request the database lets run (5 s), shorter than the proxy's patience (60 s).
timeout = 30
graceful_timeout = 25
max_requests = 20_000
max_requests_jitter = 2_000

# The application writes one line per request itself, with the request id.
accesslog = None
errorlog = "-"


def post_worker_init(_worker: Any) -> None:
    """Keep the threads of a worker to two heaps: glibc gives each its own, and none gives memory back."""
    with suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 2)


def child_exit(_server: Any, worker: Any) -> None:
    """Forget the gauges of a worker that has ended."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
