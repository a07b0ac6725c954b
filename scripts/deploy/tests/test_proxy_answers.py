"""What the shipped nginx answers by itself: problems in JSON that a script of an allowed origin can read."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from contextlib import closing
from urllib.parse import quote

import pytest
from django.conf import settings

from scripts.local.processes import wait_until

NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
pytestmark = [pytest.mark.system, pytest.mark.skipif(NGINX is None, reason="needs nginx")]

ORIGIN = "https://app.example.com"
CONFIG = """
daemon off; pid {folder}/pid; error_log {folder}/error.log; worker_processes 1;
events {{ worker_connections 64; }}
http {{
    client_body_temp_path {folder}/a; proxy_temp_path {folder}/b; fastcgi_temp_path {folder}/c;
    uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
    upstream taskhouse {{ server unix:{folder}/nobody; }}
    upstream taskhouse_stream {{ server unix:{folder}/nobody; }}
    {site}
}}
"""


@pytest.fixture(scope="module")
def proxy(tmp_path_factory):
    """Start nginx with the shipped files and no application behind it; return its socket."""
    folder = tmp_path_factory.mktemp("nginx")
    shipped = settings.BASE_DIR / "scripts" / "deploy" / "nginx"
    site = (shipped / "site.conf").read_text()
    site = site.replace("listen 8080;", f"listen unix:{folder}/s;").replace("    listen [::]:8080;\n", "")
    site = site.replace("taskhouse/locations.conf", f"{folder}/locations.conf")
    (folder / "locations.conf").write_text(
        (shipped / "locations.conf").read_text().replace("/dev/stdout", str(folder / "access.log"))
    )
    (folder / "nginx.conf").write_text(CONFIG.format(folder=folder, site=site))
    process = subprocess.Popen([NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf")])
    try:
        assert wait_until((folder / "s").exists, seconds=60)
        yield folder / "s"
    finally:
        process.terminate()
        process.wait(60)


def ask(place, head, body=b""):
    with closing(socket.socket(socket.AF_UNIX)) as client:
        client.settimeout(10)
        client.connect(str(place))
        client.sendall(f"{head}\r\nHost: x\r\nOrigin: {ORIGIN}\r\nConnection: close\r\n\r\n".encode() + body)
        raw = b""
        while chunk := client.recv(65_536):
            raw += chunk
    top, _, content = raw.decode().partition("\r\n\r\n")
    first, *lines = top.split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return int(first.split()[1]), headers, content


OWN = {
    "no application": (503, "unavailable", "GET /api/tasks/ HTTP/1.1"),
    "neither stream nor application": (503, "unavailable", "GET /api/events/stream/?ticket=x HTTP/1.1"),
    "too large a body for the stream": (
        413,
        "payload_too_large",
        "GET /events/stream/ HTTP/1.1\r\nContent-Length: 9000000",
    ),
    "too large a body": (413, "payload_too_large", "POST /api/tasks/ HTTP/1.1\r\nContent-Length: 9000000"),
    "too long a path": (414, "bad_request", f"GET /api/tasks/?search={'x' * 33_000} HTTP/1.1"),
    "too long a header": (400, "bad_request", f"GET /api/tasks/ HTTP/1.1\r\nX-Long: {'x' * 33_000}"),
    "TRACE": (405, "bad_request", "TRACE /api/tasks/ HTTP/1.1"),
    "a broken length": (400, "bad_request", "POST /api/tasks/ HTTP/1.1\r\nContent-Length: x"),
    "another transfer encoding": (501, "bad_request", "POST /api/tasks/ HTTP/1.1\r\nTransfer-Encoding: gzip, chunked"),
    "another HTTP version": (505, "bad_request", "GET /api/tasks/ HTTP/3.0"),
}


@pytest.mark.parametrize(("status", "code", "head"), OWN.values(), ids=OWN)
def test_real_case_12_and_14_the_proxys_own_answers_are_readable_problems(proxy, status, code, head):
    answered, headers, content = ask(proxy, head)
    problem = json.loads(content)

    assert answered == problem["status"] == status
    assert headers["content-type"] == "application/problem+json"
    assert headers["access-control-allow-origin"] in {"*", ORIGIN}
    assert "X-Request-ID" in headers["access-control-expose-headers"]
    assert problem["code"] == code
    assert problem["request_id"] == headers["x-request-id"]


def test_fi6_the_longest_filter_of_any_script_passes_the_proxy(proxy):
    longest = f"/api/tasks/?filter={quote('𝄞' * 2_000)}&search={quote('𝄞' * 500)}&cursor={'x' * 1_000}"

    answered, _, _ = ask(proxy, f"GET {longest} HTTP/1.1")

    assert answered == 503  # there is no application behind it


def test_real_case_12_a_body_for_which_the_proxy_has_no_room_is_a_readable_problem(proxy):
    kept = proxy.parent / "a"
    kept.rename(proxy.parent / "away")
    try:
        status, headers, content = ask(proxy, "POST /api/tasks/ HTTP/1.1\r\nContent-Length: 900000", b" " * 900_000)
    finally:
        (proxy.parent / "away").rename(kept)

    assert (status, json.loads(content)["code"]) == (503, "unavailable")
    assert headers["access-control-allow-origin"] == "*"
    assert headers["retry-after"]


def test_real_case_12_a_preflight_is_answered_while_the_application_is_away(proxy):
    status, headers, content = ask(proxy, "OPTIONS /api/tasks/1/ HTTP/1.1\r\nAccess-Control-Request-Method: PATCH")

    allowed = {word.strip() for word in headers["access-control-allow-headers"].split(",")}
    assert (status, content) == (204, "")
    assert set(settings.CORS_ALLOW_HEADERS) <= allowed
    assert "PATCH" in headers["access-control-allow-methods"]
