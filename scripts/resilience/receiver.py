"""A receiver of webhooks that remembers what it got: every event must come, and under one id."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks.webhooks import Webhook as Verifier


@dataclass(frozen=True)
class Step:
    """How one request is answered: with a status and headers, after some seconds."""

    status: int = 204
    headers: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0


class Receiver:
    """Listens on loopback and answers by `steps`, then with 204; a wrong signature is a fault.

    With `is_down` connections are refused until `listen`. `port` 0 is any.
    """

    def __init__(
        self, steps: Iterable[Step] = (), *, is_down: bool = False, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self.secret = ""
        self.got: list[tuple[str, int]] = []  # (webhook-id, seq) of what was answered with 2xx
        self.came: dict[int, float] = {}  # seq -> when it came first
        self.ids: dict[int, set[str]] = {}  # seq -> the ids of all its attempts
        self.hits = 0
        self.faults: list[str] = []
        self._steps = iter(steps)
        self._lock = threading.Lock()
        self.server = _server(self, host, port)
        if not is_down:
            self.listen()

    def listen(self) -> None:
        """Take connections from now on."""
        self.server.server_activate()
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        """Return the port."""
        port: int = self.server.server_port
        return port

    @property
    def url(self) -> str:
        """Return where it listens."""
        return f"http://127.0.0.1:{self.port}/"

    def take(self, headers: dict[str, str], body: bytes) -> Step:
        """Check the signature of a request, remember its id and event, and return how it is answered."""
        with self._lock:
            self.hits += 1
            step = next(self._steps, Step())
            try:
                Verifier(self.secret).verify(body, headers, json_parse=False)
            except Exception as error:  # noqa: BLE001 - whatever it is, the drill reports it
                self.faults.append(f"{type(error).__name__}: {error}")
            seq = json.loads(body)["data"]["seq"]
            self.ids.setdefault(seq, set()).add(headers["webhook-id"])
            if step.status < 300:
                self.came.setdefault(seq, time.time())
                self.got.append((headers["webhook-id"], seq))
            return step

    def missing(self, wanted: Iterable[int]) -> set[int]:
        """Return which of these events were never taken."""
        return set(wanted) - self.came.keys()

    def trouble(self, wanted: dict[int, str]) -> str:
        """Return what is wrong with what came, given {seq: event id}; nothing if all is well."""
        if self.faults:
            return self.faults[0]
        if strange := [each for each in self.got if wanted.get(each[1]) != each[0]]:
            return f"other ids than those of the events: {strange[:3]}"
        missing = self.missing(wanted)
        return f"{len(missing)} events did not come" if missing else ""


def _server(receiver: Receiver, host: str, port: int) -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            step = receiver.take({name.lower(): value for name, value in self.headers.items()}, body)
            time.sleep(step.seconds)
            self.send_response(step.status)
            for name, value in step.headers.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer((host, port), Handler, bind_and_activate=False)
    server.daemon_threads = True
    server.server_bind()
    return server
