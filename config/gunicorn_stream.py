"""How gunicorn serves the live stream: one process, one loop, as many connections as STREAM_MAX."""

from __future__ import annotations

import os
import resource
import sys
from typing import Any

from config.gunicorn import keep_memory_small
from config.gunicorn import logconfig_dict as logconfig_dict
from config.gunicorn import worker_tmp_dir as worker_tmp_dir

bind = os.environ.get("STREAM_BIND") or "0.0.0.0:8010"
workers = 1  # the limits of streams are counted in one place
worker_class = "asgi"
asgi_lifespan = "on"
control_socket_disable = True
timeout = 30
graceful_timeout = 5
keepalive = 0  # a connection is for one stream: who passes it on need not look for a next request
accesslog = None  # a ticket is part of the address
errorlog = "-"

NICENESS = 5  # requests come first where processors are short: what is pushed may wait some milliseconds
OTHER_FILES = 256  # connections to PostgreSQL and Valkey, logs, modules; and clients that are about to be rejected


def raise_file_limit(streams: int) -> None:
    """Let the process have as many files open as `streams` connections need, as far as the system allows it.

    systemd and many engines start a process with 1,024, which is fewer than the usual STREAM_MAX needs.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = streams + OTHER_FILES
    if soft != resource.RLIM_INFINITY and soft < needed:
        most = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def post_fork(server: Any, worker: Any) -> None:
    """Let a worker give way to others, and import the code that is there now, not what the master knows of the old."""
    os.nice(NICENESS)
    raise_file_limit(int(os.environ.get("STREAM_MAX") or 1_000))
    for name in [name for name in sys.modules if name.partition(".")[0] in {"apps", "config"}]:
        del sys.modules[name]


def post_worker_init(worker: Any) -> None:
    """Let the application see when the worker is to end."""
    from config import stopping

    stopping.watch(worker)
    keep_memory_small()
