"""The server's own settings: where its workers run, and how long a request may be."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from urllib.parse import quote

import pytest
from django.conf import settings

from apps.tasks.tests.web_process import Web, answer, await_web
from scripts.local.processes import wait_until

CPUS = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
pytestmark = pytest.mark.skipif(not CPUS, reason="only Linux reads and sets the CPUs of a process")


@pytest.fixture
def serve(tmp_path):
    """Start gunicorn with these variables in front of an empty application; return it."""
    started = []

    def start(**variables: str) -> Web:
        env = os.environ | variables | {"WEB_BIND": f"unix:{tmp_path}/s", "PYTHONPATH": "."}
        argv = [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py", "config.tests.bare:application"]
        started.append(subprocess.Popen(argv, env=env, cwd=settings.BASE_DIR, stderr=subprocess.PIPE))
        return Web(tmp_path / "s", started[-1])

    yield start
    for process in started:
        process.terminate()
        process.communicate(timeout=120)


def placed(web: Web, expected: list[tuple[int, ...]], *, without: int = 0) -> list[tuple[int, ...]]:
    """Return the CPUs of each worker as soon as they are the expected ones, or as they are after a while."""

    def found() -> list[tuple[int, ...]]:
        return sorted(tuple(sorted(os.sched_getaffinity(worker))) for worker in web.workers() if worker != without)

    wait_until(lambda: found() == expected, seconds=120)
    return found()


def status(web: Web, target: str) -> int:
    with web.connect() as client:
        return answer(client, f"GET {target} HTTP/1.0\r\n\r\n".encode())[0]


def test_with_a_worker_for_every_cpu_each_has_one_and_none_has_more_than_its_share(serve):
    web = serve(WEB_WORKERS=str(len(CPUS) * 2))

    expected = sorted([(cpu,) for cpu in CPUS] * 2)
    assert placed(web, expected) == expected


def test_a_worker_that_follows_another_takes_its_place(serve):
    web = serve(WEB_WORKERS=str(len(CPUS)))
    expected = [(cpu,) for cpu in CPUS]
    placed(web, expected)
    ended = web.workers()[0]
    os.kill(ended, signal.SIGKILL)

    assert placed(web, expected, without=ended) == expected


def test_a_single_worker_is_bound_when_told_so(serve):
    web = serve(WEB_WORKERS="1", WEB_CPU_AFFINITY="on")

    assert placed(web, [(CPUS[0],)]) == [(CPUS[0],)]


@pytest.mark.parametrize(("workers", "wanted"), [(len(CPUS), "off"), (len(CPUS) - 1, "auto")])
def test_others_run_where_there_is_room(serve, workers, wanted):
    if not workers:
        pytest.skip("one CPU always has a worker")
    web = serve(WEB_WORKERS=str(workers), WEB_CPU_AFFINITY=wanted)
    await_web(web)

    assert placed(web, [tuple(CPUS)] * workers) == [tuple(CPUS)] * workers


def test_garbage_is_collected_but_not_looked_for_in_what_was_loaded(serve):
    web = serve(WEB_WORKERS="1")
    await_web(web)

    with web.connect() as client:
        client.sendall(b"GET / HTTP/1.0\r\n\r\n")
        head = client.recv(65_536).decode()

    assert "X-Collector: on=True frozen=True" in head


def test_the_longest_search_fits_into_a_request_with_its_cursor(serve):
    web = serve(WEB_WORKERS="1")
    await_web(web)

    assert status(web, f"/api/tasks/?search={quote('𝄞' * 500)}&cursor={'x' * 1_000}") == 204


def test_fi6_a_filter_of_2000_characters_of_any_script_fits_into_a_request_with_search_and_cursor(serve):
    web = serve(WEB_WORKERS="1")
    await_web(web)
    longest = f"/api/tasks/?filter={quote('𝄞' * 2_000)}&search={quote('𝄞' * 500)}&cursor={'x' * 1_000}"

    assert status(web, longest) == 204
    assert status(web, f"/?{'x' * 33_000}") == 414


def test_another_word_stops_the_start(serve):
    process = serve(WEB_CPU_AFFINITY="yes").process

    _, errors = process.communicate(timeout=120)

    assert process.returncode != 0
    assert b"WEB_CPU_AFFINITY is auto, on or off, not 'yes'." in errors


UNPARSED = {
    "too long a path": (414, b"GET /api/tasks/?search=" + b"x" * 33_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n"),
    "too long a header": (431, b"GET /api/ HTTP/1.1\r\nHost: x\r\nX-Long: " + b"x" * 9_000 + b"\r\n\r\n"),
    "too many headers": (431, b"GET /api/ HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 200 + b"\r\n"),
    "no method": (400, b"<b>x</b> /api/ HTTP/1.1\r\nHost: x\r\n\r\n"),
    "no version": (400, b"GET /api/ HTTP/9.9\r\nHost: x\r\n\r\n"),
    "a header without a name": (400, b"GET /api/ HTTP/1.1\r\nHost: x\r\n: b\r\n\r\n"),
    "an unknown coding": (501, b"POST /api/ HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: x\r\n\r\n"),
    "two lengths": (400, b"POST /api/ HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"),
}


def test_real_case_14_what_gunicorn_cannot_parse_is_rejected_in_json(serve):
    web = serve(WEB_WORKERS="1", CORS_ALLOWED_ORIGINS="https://app.example.com")
    await_web(web)

    for name, (expected, request) in UNPARSED.items():
        with web.connect() as client:
            client.sendall(request)
            raw = b""
            while chunk := client.recv(65_536):
                raw += chunk
        head, _, body = raw.decode().partition("\r\n\r\n")
        problem = json.loads(body)

        assert head.startswith(f"HTTP/1.1 {expected} "), (name, head)
        assert "Content-Type: application/problem+json" in head
        assert "Access-Control-Allow-Origin: *" in head
        assert problem["status"] == expected
        assert f"X-Request-ID: {problem['request_id']}" in head
