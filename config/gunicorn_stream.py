"""How gunicorn serves the live stream: one process, one loop, as many connections as STREAM_MAX."""

from __future__ import annotations

import os
from typing import Any

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


def post_worker_init(worker: Any) -> None:
    """Let the application see when the worker is to end."""
    from config import stopping

    stopping.watch(worker)
