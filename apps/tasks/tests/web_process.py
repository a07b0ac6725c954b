"""A real gunicorn on the test database, and a client that can misbehave on the wire."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import connection
from psycopg.conninfo import make_conninfo

ROOT = Path(__file__).resolve().parents[3]
PATIENCE = 60  # seconds


@dataclass(frozen=True)
class Web:
    """A running server behind a unix socket."""

    place: Path
    process: subprocess.Popen[bytes]

    def connect(self) -> socket.socket:
        """Return a new connection."""
        client = socket.socket(socket.AF_UNIX)
        client.settimeout(PATIENCE)
        try:
            client.connect(str(self.place))
        except OSError:
            client.close()
            raise
        return client

    def workers(self) -> list[int]:
        """Return the process ids of the workers."""
        pid = self.process.pid
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


@contextmanager
def web_process(**environment: str) -> Iterator[Web]:
    """Run the site as it is shipped, one worker with four threads, and stop it in the end."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "web.sock"
        database = make_conninfo(os.environ["TEST_DATABASE_URL"], dbname=connection.settings_dict["NAME"])
        known = {
            "DJANGO_SETTINGS_MODULE": "config.settings_test",
            "TEST_DATABASE_URL": database,
            "MEDIA_ROOT": str(settings.MEDIA_ROOT),
            "DISK_RESERVE_BYTES": "0",
            "WEB_BIND": f"unix:{place}",
            # A busy machine is no reason to reject.
            "DB_STATEMENT_TIMEOUT_MS": "60000",
            "DB_LOCK_TIMEOUT_MS": "60000",
            "WEB_WORKERS": "1",
            "WEB_THREADS": "4",
        }
        argv = [sys.executable, "-m", "gunicorn", "config.wsgi", "--config", str(ROOT / "config" / "gunicorn.py")]
        process = subprocess.Popen(argv, cwd=ROOT, env=os.environ | known | environment)
        try:
            web = Web(place, process)
            await_web(web)
            yield web
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)


def await_web(web: Web) -> None:
    """Return when the server answers, whatever it says."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            with web.connect() as client:
                if answer(client, b"GET /health/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")[0]:
                    return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("gunicorn did not come up")


def answer(client: socket.socket, *pieces: bytes) -> tuple[int, bytes]:
    """Send the pieces and return the answer's status (0 when the connection ends without one) and body."""
    for piece in pieces:
        client.sendall(piece)
    return receive(client)


def receive(client: socket.socket) -> tuple[int, bytes]:
    """Return the status and body of the next answer."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = client.recv(65_536)
        if not piece:
            return 0, data
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    length = int(lengths[0].split(b":")[1]) if lengths else 0
    while len(body) < length and (piece := client.recv(65_536)):
        body += piece
    return int(head.split()[1]), body
