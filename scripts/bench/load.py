"""Load from outside Python: wrk for throughput, h2load for latency at a fixed rate."""

from __future__ import annotations

import http.client
import json
import subprocess
from dataclasses import dataclass
from http import HTTPStatus
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
    place = urlsplit(url)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=60)
    errors = 0
    for shot in shots:
        headers = {"Authorization": f"Bearer {tokens[shot.user]}"} if shot.user else {}
        if shot.body is not None:
            headers["Content-Type"] = "application/json"
        connection.request(shot.method, shot.path, shot.json() or None, headers)
        response = connection.getresponse()
        response.read()
        errors += response.status >= HTTPStatus.BAD_REQUEST
    connection.close()
    return errors


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
    return Result(len(times) / seconds, _quantile(times, 0.50), _quantile(times, 0.99), errors, len(times))


def _quantile(times: list[float], share: float) -> float:
    return times[min(len(times) - 1, int(len(times) * share))]


def _lua(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
