"""Load: wrk for throughput, for latency at a fixed rate h2load, and threads of this process where bodies differ."""

from __future__ import annotations

import http.client
import json
import random
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from itertools import chain
from pathlib import Path
from urllib.parse import urlsplit

from scripts.bench.operations import Shot

CONNECTIONS = 4

# wrk calls request() for each request; what it draws from is a table written beside it.
LUA = """
local shots = dofile("%(table)s")
local errors, seen, first = 0, 0, nil
function init(args) math.randomseed(os.time() + %(seed)d) end
function request()
    local s = shots[math.random(#shots)]
    return wrk.format(s.method, "%(prefix)s" .. s.path, s.headers, s.body)
end
function done(summary, latency, requests)
    io.write(string.format('RESULT {"requests": %%d, "microseconds": %%d, "p50": %%f, "p99": %%f, "errors": %%d}\\n',
        summary.requests, summary.duration, latency:percentile(50), latency:percentile(99),
        summary.errors.status + summary.errors.timeout + summary.errors.read + summary.errors.connect))
end
"""


@dataclass(frozen=True)
class Result:
    """What one round gave; latencies in milliseconds."""

    rate: float
    p50: float
    p99: float
    errors: int
    requests: int


def write_table(path: Path, shots: list[Shot], tokens: dict[int, str]) -> None:
    """Write the requests as a Lua table."""
    rows = []
    for shot in shots:
        headers = {"Authorization": f"Bearer {tokens[shot.user]}"} if shot.user else {}
        body = "nil"
        if shot.body is not None:
            headers["Content-Type"] = "application/json"
            body = _lua(json.dumps(shot.body))
        pairs = ", ".join(f"[{_lua(name)}]={_lua(value)}" for name, value in headers.items())
        rows.append(f"{{method={_lua(shot.method)}, path={_lua(shot.path)}, headers={{{pairs}}}, body={body}}}")
    path.write_text("return {\n" + ",\n".join(rows) + "\n}\n")


def walk(url: str, shots: list[Shot], tokens: dict[int, str]) -> int:
    """Ask for each of these once, one after the other over one connection; return how many were no success."""
    with closing(_connection(url)) as connection:
        return sum(not _succeeds(connection, shot, tokens) for shot in shots)


def saturate(
    folder: Path, url: str, table: Path, *, seconds: float, prefix: str = "", connections: int = CONNECTIONS
) -> Result:
    """Ask as fast as the server answers, over `connections`, for `seconds`."""
    script = folder / "wrk.lua"
    script.write_text(LUA % {"table": table, "seed": 1, "prefix": prefix})
    argv = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:.0f}s", "--timeout", "10s", "-s", str(script), url]
    out = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
    found = json.loads(next(line for line in out.splitlines() if line.startswith("RESULT "))[7:])
    return Result(
        rate=found["requests"] / (found["microseconds"] / 1e6),
        p50=found["p50"] / 1_000,
        p99=found["p99"] / 1_000,
        errors=found["errors"],
        requests=found["requests"],
    )


def open_loop(
    folder: Path, url: str, shots: list[Shot], tokens: dict[int, str], *, rate: float, seconds: float
) -> Result:
    """Ask at `rate` requests a second whatever the server does; all as the user of the first request."""
    user = shots[0].user
    paths = [url + shot.path for shot in shots if shot.user == user]
    log, uris = folder / "h2load.log", folder / "uris"
    log.unlink(missing_ok=True)
    uris.write_text("\n".join(paths) + "\n")
    argv = [
        "h2load", "--h1", "-t1", f"-c{CONNECTIONS}", f"--rps={rate / CONNECTIONS:.1f}", f"-D{seconds:g}",
        f"--log-file={log}", f"--input-file={uris}", "-H", f"Authorization: Bearer {tokens[user]}",
    ]  # fmt: skip
    subprocess.run(argv, check=True, capture_output=True)
    rows = [line.split("\t") for line in log.read_text().splitlines()]
    times = sorted(int(row[2]) / 1_000 for row in rows)
    if not times:
        raise RuntimeError("the open-loop tool sent nothing")
    errors = sum(row[1] != "200" for row in rows)
    return _result(times, errors, seconds)


def open_loop_with_bodies(
    url: str, shots: list[Shot], tokens: dict[int, str], *, rate: float, seconds: float
) -> Result:
    """Ask for some of these at `rate` requests a second, each as its own user and with its own body.

    h2load sends one body alone. What an answer takes counts from the moment that its request was due.
    """
    began = time.perf_counter() + 0.1  # when all connections are there

    def send(number: int) -> tuple[list[float], int]:
        draw, times, errors = random.Random(number), [], 0
        with closing(_connection(url)) as connection:
            connection.connect()
            for position in range(int(rate * seconds / CONNECTIONS)):
                due = began + (position * CONNECTIONS + number) / rate
                time.sleep(max(0.0, due - time.perf_counter()))
                errors += not _succeeds(connection, draw.choice(shots), tokens)
                times.append((time.perf_counter() - due) * 1_000)
        return times, errors

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        found = list(pool.map(send, range(CONNECTIONS)))
    times = sorted(chain.from_iterable(times for times, _ in found))
    if not times:
        raise RuntimeError("too low a rate to send anything")
    errors = sum(errors for _, errors in found)
    return _result(times, errors, seconds)


def _connection(url: str) -> http.client.HTTPConnection:
    place = urlsplit(url)
    return http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)


def _succeeds(connection: http.client.HTTPConnection, shot: Shot, tokens: dict[int, str]) -> bool:
    """Ask for it and read the answer; return whether it is a success."""
    headers = {"Authorization": f"Bearer {tokens[shot.user]}"} if shot.user else {}
    if shot.body is not None:
        headers["Content-Type"] = "application/json"
    connection.request(shot.method, shot.path, shot.json() or None, headers)
    response = connection.getresponse()
    response.read()
    return response.status < HTTPStatus.BAD_REQUEST


def _result(times: list[float], errors: int, seconds: float) -> Result:
    """Return what requests at a fixed rate took; `times` are sorted, in milliseconds."""
    return Result(len(times) / seconds, _quantile(times, 0.50), _quantile(times, 0.99), errors, len(times))


def _quantile(times: list[float], share: float) -> float:
    return times[min(len(times) - 1, int(len(times) * share))]


def _lua(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
