"""The server's own settings: where its workers run."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings

CPUS = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
pytestmark = pytest.mark.skipif(not CPUS, reason="only Linux tells and sets the CPUs of a process")


@pytest.fixture
def serve(tmp_path):
    """Start gunicorn with these variables; return its process."""
    started = []

    def start(**variables: str) -> subprocess.Popen[bytes]:
        env = os.environ | variables | {"WEB_BIND": f"unix:{tmp_path}/s", "PYTHONPATH": "."}
        argv = [sys.executable, "-m", "gunicorn", "--config", "config/gunicorn.py", "config.tests.bare:application"]
        started.append(subprocess.Popen(argv, env=env, cwd=settings.BASE_DIR, stderr=subprocess.PIPE))
        return started[-1]

    yield start
    for process in started:
        process.terminate()
        process.communicate(timeout=30)


def children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def placed(pid: int, expected: list[tuple[int, ...]], *, without: int = 0) -> list[tuple[int, ...]]:
    """Return the CPUs of each worker as soon as they are the expected ones, or as they are after a while."""
    deadline = time.monotonic() + 20
    while True:
        workers = [child for child in children(pid) if child != without]
        found = sorted(tuple(sorted(os.sched_getaffinity(child))) for child in workers)
        if found == expected or time.monotonic() > deadline:
            return found
        time.sleep(0.1)


def ask(path: Path, target: str = "/") -> bytes:
    """Return the status of the answer; wait for the server to start."""
    deadline = time.monotonic() + 20
    while True:
        try:
            with socket.socket(socket.AF_UNIX) as client:
                client.connect(str(path))
                client.sendall(f"GET {target} HTTP/1.0\r\n\r\n".encode())
                return client.recv(12)[-3:]
        except OSError:
            assert time.monotonic() < deadline, "no answer"
            time.sleep(0.1)


def test_with_a_worker_for_every_cpu_each_has_one_and_none_has_more_than_its_share(serve):
    process = serve(WEB_WORKERS=str(len(CPUS) * 2))

    expected = sorted([(cpu,) for cpu in CPUS] * 2)
    assert placed(process.pid, expected) == expected


def test_a_worker_that_follows_another_takes_its_place(serve):
    process = serve(WEB_WORKERS=str(len(CPUS)))
    expected = [(cpu,) for cpu in CPUS]
    placed(process.pid, expected)
    ended = children(process.pid)[0]
    os.kill(ended, signal.SIGKILL)

    assert placed(process.pid, expected, without=ended) == expected


def test_a_single_worker_is_bound_when_told_so(serve):
    process = serve(WEB_WORKERS="1", WEB_CPU_AFFINITY="on")

    assert placed(process.pid, [(CPUS[0],)]) == [(CPUS[0],)]


@pytest.mark.parametrize(("workers", "wanted"), [(len(CPUS), "off"), (len(CPUS) - 1, "auto")])
def test_others_run_where_there_is_room(serve, tmp_path, workers, wanted):
    if not workers:
        pytest.skip("one CPU always has a worker")
    process = serve(WEB_WORKERS=str(workers), WEB_CPU_AFFINITY=wanted)
    assert ask(tmp_path / "s") == b"204"

    assert placed(process.pid, [tuple(CPUS)] * workers) == [tuple(CPUS)] * workers


def test_the_longest_search_fits_into_a_request_with_its_cursor(serve, tmp_path):
    serve(WEB_WORKERS="1")

    assert ask(tmp_path / "s", f"/api/tasks/?search={quote('𝄞' * 500)}&cursor={'x' * 1_000}") == b"204"
    assert ask(tmp_path / "s", f"/?{'x' * 9_000}") == b"414"


def test_another_word_stops_the_start(serve):
    process = serve(WEB_CPU_AFFINITY="yes")

    _, errors = process.communicate(timeout=30)

    assert process.returncode != 0
    assert b"WEB_CPU_AFFINITY is auto, on or off, not 'yes'." in errors
