"""The command lines of web, stream, worker and beat for a local run."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from scripts.local import processes
from scripts.local.environment import ROOT
from scripts.local.session import Session
from scripts.local.supervisor import Part


class Server(Protocol):
    """A data server of the stack."""

    process: subprocess.Popen[bytes] | None

    @property
    def log(self) -> Path: ...

    def start(self) -> None: ...


def starter(server: Server) -> Callable[[], subprocess.Popen[bytes]]:
    """Return what starts the server again and hands out its process."""

    def start() -> subprocess.Popen[bytes]:
        server.start()
        assert server.process is not None
        return server.process

    return start


def heartbeat(session: Session, name: str) -> Path:
    """Return the file that worker or beat touches while it turns."""
    return session.home / f"{name}.alive"


def web(session: Session, env: dict[str, str], *, listener: socket.socket) -> Part:
    """Return gunicorn on the open port, so that callers wait while it is started again."""
    metrics = session.home / "metrics"
    metrics.mkdir(mode=0o700, exist_ok=True)
    for old in metrics.glob("*.db"):
        old.unlink()  # counters of processes that have ended would be counted again
    own = {
        "DB_POOL": "true",
        "WEB_WORKERS": "2",
        "WEB_THREADS": "4",
        "PROMETHEUS_MULTIPROC_DIR": str(metrics),
    }
    command = [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py", "config.wsgi"]
    command += ["--bind", f"fd://{listener.fileno()}", "--graceful-timeout", "5", "--no-control-socket"]
    if os.environ.get("RELOAD") == "1":
        command.append("--reload")
    return _part(session, "web", command, {**own, **env}, pass_fds=(listener.fileno(),), stop_seconds=8)


def stream(session: Session, env: dict[str, str], *, listener: socket.socket) -> Part:
    """Return the process of the live stream; web passes its connections on to the open port."""
    command = [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn_stream.py", "config.asgi_stream"]
    command += ["--bind", f"fd://{listener.fileno()}"]
    return _part(session, "stream", command, env, pass_fds=(listener.fileno(),), stop_seconds=8)


def worker(session: Session, env: dict[str, str]) -> Part:
    """Return the Celery worker."""
    concurrency = env.get("WORKER_CONCURRENCY", "2")
    command = [sys.executable, "-m", "celery", "-A", "config", "worker", "--concurrency", concurrency]
    command += ["--without-gossip", "--without-mingle", "--hostname", "worker@local", "--loglevel", "INFO"]
    return _part(session, "worker", command, env, stop_seconds=15)


def beat(session: Session, env: dict[str, str]) -> Part:
    """Return Celery's clock."""
    command = [sys.executable, "-m", "celery", "-A", "config", "beat", "--loglevel", "INFO", "--pidfile="]
    return _part(session, "beat", command, env)


def _part(
    session: Session,
    name: str,
    command: list[str],
    env: dict[str, str],
    *,
    pass_fds: tuple[int, ...] = (),
    stop_seconds: float = 10,
) -> Part:
    log, sign = session.log(name), heartbeat(session, name)

    def start() -> subprocess.Popen[bytes]:
        sign.unlink(missing_ok=True)
        whole = env | {"HEARTBEAT_FILE": str(sign)}
        return processes.spawn(command, log=log, env=whole, cwd=ROOT, pass_fds=pass_fds)

    return Part(name, start, log, stop_seconds=stop_seconds)
