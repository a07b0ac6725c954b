"""How gunicorn serves the API: address, processes, threads and the life of a worker."""

from __future__ import annotations

import ctypes
import multiprocessing
import os
from contextlib import suppress
from typing import Any

from prometheus_client import multiprocess

M_ARENA_MAX, M_MMAP_THRESHOLD = -8, -3  # malloc.h
LARGE = 1 << 20  # bytes

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
    """Keep the memory of a worker small: glibc gives each thread a heap of its own, and none gives memory back.

    Two heaps for all threads; and what is large, such as the 19 MiB that hashing a password takes,
    comes from the system and goes back to it at once.
    """
    with suppress(OSError, AttributeError):  # another C library
        libc = ctypes.CDLL(None)
        libc.mallopt(M_ARENA_MAX, 2)
        libc.mallopt(M_MMAP_THRESHOLD, LARGE)


def child_exit(_server: Any, worker: Any) -> None:
    """Forget the gauges of a worker that has ended."""
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
