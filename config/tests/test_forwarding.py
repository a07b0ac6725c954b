"""Web processes without a proxy in front lead the live stream to its process (contract SR5)."""

from __future__ import annotations

import os
import socket
import subprocess
import sys

import pytest
from django.conf import settings

from apps.tasks.tests.web_process import Web, answer, await_web
from config.forwarding import REQUEST, address_of

PATIENCE = 120  # seconds; nothing is measured


@pytest.fixture
def stream():
    """The port of a stream process, which the test itself serves."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(PATIENCE)
        yield server


@pytest.fixture
def web(tmp_path, stream):
    """A web process that passes the stream on."""
    variables = {"WEB_BIND": f"unix:{tmp_path}/s", "WEB_WORKERS": "1", "WEB_THREADS": "1", "PYTHONPATH": "."}
    variables["STREAM_FORWARD"] = f"127.0.0.1:{stream.getsockname()[1]}"
    argv = [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py", "config.tests.bare:application"]
    process = subprocess.Popen(argv, env=os.environ | variables, cwd=settings.BASE_DIR)
    found = Web(tmp_path / "s", process)
    await_web(found)
    yield found
    process.terminate()
    process.wait(PATIENCE)


def request(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode()


def test_sr5_streams_go_to_their_process_and_hold_no_thread_and_the_rest_stays_here(web, stream):
    with web.connect() as client:
        kept = answer(client, request("/api/"))[0]  # the stream is asked for on a connection that is in use
        client.sendall(request("/api/events/stream/?ticket=x"))
        served, _ = stream.accept()
        with served:
            served.settimeout(PATIENCE)
            arrived = served.recv(4096)
            with web.connect() as other:  # the only thread is free
                beside = answer(other, request("/api/"))[0]
            served.sendall(b"HTTP/1.1 200 OK\r\n\r\nretry: 3000\n\n")
            first = client.recv(4096)
            client.close()
            rest = served.recv(4096)  # a client that goes is seen here
    stream.close()
    with web.connect() as client:
        without = answer(client, request("/events/stream/"))[0]

    assert (kept, beside, without) == (204, 204, 204)
    assert arrived == request("/api/events/stream/?ticket=x")
    assert first.endswith(b"retry: 3000\n\n")
    assert rest == b""


@pytest.mark.parametrize(
    ("line", "is_passed_on"),
    [
        (b"GET /events/stream/ HTTP/1.1", True),
        (b"GET /api/events/stream/?ticket=a HTTP/1.1", True),
        (b"GET /below/api/events/stream/ HTTP/1.1", True),
        (b"OPTIONS /api/events/stream/ HTTP/1.1", False),
        (b"GET /api/events/stream HTTP/1.1", False),
        (b"GET /api/tasks/?next=/events/stream/ HTTP/1.1", False),
    ],
)
def test_sr5_only_the_two_routes_are_passed_on(line, is_passed_on):
    assert (REQUEST.match(line) is not None) is is_passed_on


@pytest.mark.parametrize("text", ["", "8010", "stream", "stream:", ":8010", "stream:http"])
def test_an_address_that_is_none_stops_the_start(text):
    with pytest.raises(ValueError, match="STREAM_FORWARD"):
        address_of(text)


def test_an_address_of_ipv6_has_brackets():
    assert address_of("[::1]:8010") == ("::1", 8010)
