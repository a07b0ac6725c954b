"""What open live streams take, what they promise under failures, and the time of the API beside them."""

from __future__ import annotations

import argparse
import resource
import signal
import statistics
import threading
import time
from pathlib import Path
from typing import Any

from scripts.local import processes
from scripts.local.processes import wait_until
from scripts.resilience.installation import PRESENT, Installation
from scripts.resilience.listeners import Listener, open_all, read_until
from scripts.resilience.proxy import start_proxy
from scripts.resilience.stream_costs import costs
from scripts.resilience.stream_people import make_people
from scripts.resilience.stream_trials import Trials
from scripts.resilience.traffic import Client

LIMITS = {"THROTTLE_STREAM": "1000000/60", "LOG_LEVEL": "WARNING", "WEB_WORKERS": "2"}
PER_PERSON = 5  # STREAMS_PER_PERSON
PATIENCE = 120  # seconds
USUAL_FILES = 1_024  # the limit of open files that a process starts with under systemd and most engines
TURN = 20  # requests of each kind


def arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options."""
    parser.add_argument("--streams", type=int, default=300)
    parser.add_argument("--requests", type=int, default=600, help="of each kind, without and with the streams")
    parser.add_argument(
        "--changes", type=int, default=100, help="of which the processor time is taken, without and with"
    )
    parser.add_argument("--proxy", action="store_true", help="put the shipped nginx in front")


def run(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Measure the API alone and beside open streams by turns, then let things fail."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    with Installation(folder, settings=LIMITS | {"STREAM_MAX": str(options.streams + PER_PERSON)}) as installation:
        installation.open_django()
        installation.run_manage(PRESENT, "collectstatic", "--noinput", "--verbosity", "0")
        people = make_people(-(-options.streams // PER_PERSON))
        port = start(installation, folder, hard=hard, with_proxy=options.proxy)
        client = Client(f"http://127.0.0.1:{port}", people.owner, timeout=PATIENCE)
        assert wait_until(lambda: client.ask("GET", "/health/").status == 200, seconds=PATIENCE)
        assert wait_until(lambda: streams_answer(port, people.owner), seconds=PATIENCE)
        times(client, people.project, 50)
        listeners = [Listener(people.tokens[number // PER_PERSON]) for number in range(options.streams)]
        figures: dict[str, Any] = {"streams": options.streams, "through": "nginx" if options.proxy else "web"}
        figures["memory_mb_without_streams"] = memory(installation)
        figures["opened_in_seconds"] = round(open_all(listeners, port), 1)
        figures |= by_turns(installation, client, people.project, options.requests)
        figures |= costs(installation, client, people.project, listeners, options.changes)
        read_until(listeners, seconds=3)  # what was heard of the measurement
        figures |= {"memory_mb_with_streams": memory(installation)}
        figures |= {"connections_to_postgresql": most_connections(client, people.project)}
        trials = Trials(installation, people, listeners, client, port)
        figures |= trials.run(with_proxy=options.proxy)
        return figures | {"ok": trials.is_well and figures["connections_to_postgresql"] <= 4}


def start(installation: Installation, folder: Path, *, hard: int, with_proxy: bool) -> int:
    """Start the stream as a service manager would, with few files, and the rest; return the port to ask."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(USUAL_FILES, hard), hard))
    if with_proxy:  # web is no way to the stream then
        installation.start("web")
    installation.start("stream")
    if not with_proxy:
        installation.start("web")
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(16_384, hard), hard))
    if not with_proxy:
        return installation.port
    return start_proxy(installation, folder / "nginx", web=installation.port, stream=installation.stream_port)


def streams_answer(port: int, token: str) -> bool:
    """Return whether a stream can be opened."""
    one = Listener(token)
    one.open(port)
    read_until([one], lambda listener: bool(listener.heard), seconds=5)
    one.close()
    return bool(one.heard)


def by_turns(installation: Installation, client: Client, project: int, requests: int) -> dict[str, Any]:
    """Return the 95th percentiles of the API beside the open streams, and while their process is frozen.

    They take turns of TURN requests: what else the machine does hits both sides alike. What was written during a freeze
    is sent when it ends, at the cost of the other side.
    """
    found: dict[bool, dict[str, list[float]]] = {side: {"list": [], "create": []} for side in (False, True)}
    for number in range(2 * -(-requests // TURN)):
        is_live = bool(number % 2)
        installation.signal("stream", signal.SIGCONT if is_live else signal.SIGSTOP)
        for kind, some in times(client, project, TURN).items():
            found[is_live][kind] += some
    alone, beside = ({kind: quantile(some) for kind, some in found[side].items()} for side in (False, True))
    return {
        **{f"{kind}_p95_ms_alone": round(value * 1_000, 1) for kind, value in alone.items()},
        **{f"{kind}_p95_ms_beside": round(value * 1_000, 1) for kind, value in beside.items()},
        **{f"{kind}_p95_ratio": round(beside[kind] / alone[kind], 2) for kind in alone},
    }


def times(client: Client, project: int, count: int) -> dict[str, list[float]]:
    """Return the seconds of lists and of creations."""
    lists = [client.ask("GET", f"/api/tasks/?project={project}").seconds for _ in range(count)]
    body = {"title": "Heard", "project": project}
    writes = [client.ask("POST", "/api/tasks/", body).seconds for _ in range(count)]
    return {"list": lists, "create": writes}


def quantile(found: list[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(found, n=20)[-1]


def memory(installation: Installation) -> float:
    """Return the resident memory of the stream process without its master, in MB."""
    master = installation.processes["stream"].pid
    lines = [Path(f"/proc/{pid}/status").read_text() for pid in processes.children(master)]
    return round(sum(int(text.partition("VmRSS:")[2].split()[0]) for text in lines) / 1_000, 1)


def most_connections(client: Client, project: int, seconds: float = 5) -> int:
    """Return how many connections the stream process holds to PostgreSQL at most while tasks are created."""
    seen, is_over = [0], threading.Event()

    def look() -> None:
        while not is_over.wait(0.05):
            seen[0] = max(seen[0], connections())

    looking = threading.Thread(target=look)
    looking.start()
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        client.insist("POST", "/api/tasks/", {"title": "Counted", "project": project})
    is_over.set()
    looking.join()
    return seen[0]


def connections() -> int:
    """Return how many connections the stream process holds to PostgreSQL now."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'taskhouse-stream'")
        return int((cursor.fetchone() or (0,))[0])
