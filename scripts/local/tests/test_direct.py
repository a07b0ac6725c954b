"""FIRST-HOUR D3: a proxy in the environment is there for pip, and is never asked for our own addresses."""

import http.server
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.local import direct, suite, tour_client
from scripts.local.environment import ROOT

DEAD = "http://127.0.0.1:9"
PROXIES = ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")


class _Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    """The port of a server that answers everything with 200."""
    with http.server.HTTPServer(("127.0.0.1", 0), _Answer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture(autouse=True)
def _behind_a_dead_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in direct.NO_PROXY:
        monkeypatch.delenv(name, raising=False)
    for name in PROXIES:
        monkeypatch.setenv(name, DEAD)


def test_our_own_requests_pass_by_the_proxy(port: int):
    with direct.open_url(f"http://127.0.0.1:{port}/", timeout=30) as answer:
        assert answer.status == 200
    assert tour_client.Client(f"http://127.0.0.1:{port}").call("GET", "/", quiet=True).status == 200


def test_the_health_of_web_is_asked_past_the_proxy(port: int):
    environment = os.environ | {"WEB_BIND": f"127.0.0.1:{port}"}

    done = subprocess.run([sys.executable, ROOT / "scripts/health", "web"], env=environment, capture_output=True)

    assert (done.returncode, done.stdout) == (0, b"web: alive\n")


def test_what_tests_start_passes_by_the_proxy_and_the_users_own_exceptions_stay(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("NO_PROXY", "intranet.example")

    found = suite._environment({}, Path("/home"), Path("/tmp"))

    assert found["no_proxy"] == found["NO_PROXY"] == f"intranet.example,{direct.OURS}"
    assert found["https_proxy"] == DEAD  # pip in a test still needs it
