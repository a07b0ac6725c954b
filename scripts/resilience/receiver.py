"""A receiver of webhooks that remembers what it got: every event must come, and under one id."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from standardwebhooks.webhooks import Webhook as Verifier


class Receiver:
    """Listens on loopback and answers 204; a wrong signature is a fault."""

    def __init__(self) -> None:
        self.secret = ""
        self.got: list[tuple[str, int]] = []  # (webhook-id, seq)
        self.faults: list[str] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                receiver.take({name.lower(): value for name, value in self.headers.items()}, body)
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Keep quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """Return where it listens."""
        return f"http://127.0.0.1:{self.server.server_port}/"

    def take(self, headers: dict[str, str], body: bytes) -> None:
        """Check the signature of a request, and remember its id and event."""
        try:
            Verifier(self.secret).verify(body, headers, json_parse=False)
        except Exception as error:  # noqa: BLE001 - whatever it is, the drill reports it
            self.faults.append(f"{type(error).__name__}: {error}")
        self.got.append((headers["webhook-id"], json.loads(body)["data"]["seq"]))

    def trouble(self, wanted: dict[int, str]) -> str:
        """Return what is wrong with what came, given {seq: event id}; nothing if all is well."""
        if self.faults:
            return self.faults[0]
        if strange := [each for each in self.got if wanted.get(each[1]) != each[0]]:
            return f"other ids than those of the events: {strange[:3]}"
        missing = wanted.keys() - {seq for _, seq in self.got}
        return f"{len(missing)} events did not come" if missing else ""
