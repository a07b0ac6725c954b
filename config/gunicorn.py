"""How gunicorn serves the API: address, processes, threads and the life of a worker."""

from __future__ import annotations

import ctypes
import gc
import multiprocessing
import os
from collections import Counter
from contextlib import suppress
from typing import Any

from gunicorn.http import message
from prometheus_client import multiprocess

from apps.common.monitoring.logs import format_name

M_ARENA_MAX, M_MMAP_THRESHOLD = -8, -3  # malloc.h
LARGE = 1 << 20  # bytes

bind = os.environ.get("WEB_BIND") or "0.0.0.0:8000"
# Those this process may use; which ones they are is known on Linux only.
cpus = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
workers = int(os.environ.get("WEB_WORKERS") or min((len(cpus) or multiprocessing.cpu_count()) * 2, 8))
# Where no proxy leads the stream to its process, the workers do.
worker_class = "config.forwarding.ForwardingWorker" if os.environ.get("STREAM_FORWARD") else "gthread"
threads = int(os.environ.get("WEB_THREADS") or 8)

# Each worker stays on one CPU, by default where there is a worker for every one of them: a process runs one thread of
# Python at a time, and handing the interpreter's lock across CPUs costs more than what runs beside it gains. With
# fewer workers than CPUs, as on a large machine with many guests, the choice stays the scheduler's.
affinity = os.environ.get("WEB_CPU_AFFINITY") or "auto"
if affinity not in {"auto", "on", "off"}:
    raise ValueError(f"WEB_CPU_AFFINITY is auto, on or off, not {affinity!r}.")
is_bound = bool(cpus) and (affinity == "on" or (affinity == "auto" and workers >= len(cpus)))

# A heartbeat file on a disk blocks when the disk does, and gunicorn then kills healthy workers.
worker_tmp_dir = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112, S108
control_socket_disable = True

# A filter of 2,000 characters takes up to 24,000 bytes in a URL, and a search and a cursor come with it. The proxy
# takes the same. gunicorn caps it at 8,190 (0 is no limit at all); `post_worker_init` raises that cap.
limit_request_line = 32_768

# Longer than the longest request the database lets run (5 s), shorter than the proxy's patience (60 s).
timeout = 30
graceful_timeout = 25
max_requests = 20_000
max_requests_jitter = 2_000

# The application writes one line per request itself, with the request id.
accesslog = None
errorlog = "-"
# gunicorn's own lines look like those of the application.
logconfig_dict = {
    "formatters": {
        "json": {"()": "apps.common.monitoring.logs.JsonFormatter"},
        "plain": {
            "()": "apps.common.monitoring.logs.PlainFormatter",
            "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s",
        },
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": format_name(os.environ)}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {"gunicorn.error": {"handlers": ["stderr"], "level": "INFO", "propagate": False}},
}


def pre_fork(server: Any, worker: Any) -> None:
    """Choose the CPU of a new worker: the one with the fewest."""
    if is_bound:
        taken = Counter(getattr(other, "cpu", None) for other in server.WORKERS.values())
        worker.cpu = min(cpus, key=lambda cpu: taken[cpu])


def post_fork(_server: Any, _worker: Any) -> None:
    """Look for no garbage while the application is loaded: there is none, and looking takes a seventh of that time."""
    gc.disable()


def post_worker_init(worker: Any) -> None:
    """Bind a worker to its CPU, keep its memory small, take long lines, and reject in JSON what cannot be parsed."""
    gc.freeze()  # what is loaded stays: the collector need not look through it in the middle of a request
    gc.enable()
    from config import rejections  # the path of the application is known by now

    rejections.install()
    message.MAX_REQUEST_LINE = limit_request_line
    if is_bound:
        with suppress(OSError):  # taken from us since the start
            os.sched_setaffinity(0, {worker.cpu})
    keep_memory_small()


def keep_memory_small() -> None:
    """Set in the C library where to stop: glibc gives each thread a heap of its own, and none gives memory back.

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
