"""What open live streams take: memory and connections of their process, and the time of the API beside them."""

from __future__ import annotations

import argparse
import asyncio
import statistics
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

from scripts.local.processes import wait_until
from scripts.resilience.installation import Installation
from scripts.resilience.traffic import Client, make_cast

LIMITS = {"THROTTLE_STREAM": "1000000/60", "LOG_LEVEL": "WARNING", "WEB_WORKERS": "2"}
PER_PERSON = 5  # STREAMS_PER_PERSON
PATIENCE = 120  # seconds
HOST = "127.0.0.1"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options."""
    parser.add_argument("--streams", type=int, default=300)
    parser.add_argument("--requests", type=int, default=600, help="of each kind, without and with the streams")


def run(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Measure the API alone, then beside open streams, which all hear of one change."""
    with Installation(folder, settings=LIMITS) as installation:
        installation.open_django()
        tokens, project = make_people(-(-options.streams // PER_PERSON))
        installation.start("stream")
        installation.start("web")
        client = Client(installation.url, tokens[0], timeout=PATIENCE)
        assert wait_until(lambda: client.ask("GET", "/health/ready/").status in {200, 503}, seconds=PATIENCE)
        times(client, project, 50)
        alone, before = times(client, project, options.requests), memory(installation)
        beside = asyncio.run(with_streams(installation, tokens, project, options))
        return (
            {f"{kind}_p95_ms_alone": value for kind, value in alone.items()}
            | {"memory_mb_without_streams": before}
            | beside
            | {"ok": beside["heard"] == options.streams and beside["connections_to_postgresql"] <= 4}
        )


def make_people(count: int) -> tuple[list[str], int]:
    """Return access tokens of a project's owner and `count` members, and the project's id."""
    from django.utils import timezone

    from apps.projects.models import Project
    from apps.users.credentials.tokens import AccessToken
    from apps.users.models import Session

    accounts = make_cast("", people=count)
    project = Project.objects.get(pk=accounts.project_id)
    end = timezone.now() + timedelta(days=1)
    people = [project.owner_id, *accounts.people]
    sessions = [Session.objects.create(user_id=pk, expires_at=end) for pk in people]
    return [AccessToken.of(session) for session in sessions], project.pk


def times(client: Client, project: int, count: int) -> dict[str, float]:
    """Return the 95th percentile of lists and of creations, in milliseconds."""
    lists = [client.ask("GET", f"/api/tasks/?project={project}").seconds for _ in range(count)]
    body = {"title": "Heard", "project": project}
    writes = [client.ask("POST", "/api/tasks/", body).seconds for _ in range(count)]
    return {kind: round(quantile(found) * 1_000, 1) for kind, found in (("list", lists), ("create", writes))}


def quantile(found: list[float]) -> float:
    """Return the 95th percentile."""
    return statistics.quantiles(found, n=20)[-1]


def memory(installation: Installation) -> float:
    """Return the resident memory of the stream process and its master, in MB."""
    master = installation.processes["stream"].pid
    children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    lines = [Path(f"/proc/{pid}/status").read_text() for pid in (*children,)]
    return round(sum(int(text.partition("VmRSS:")[2].split()[0]) for text in lines) / 1_000, 1)


def connections() -> int:
    """Return how many connections the stream process holds to PostgreSQL now."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = 'taskhouse-stream'")
        return int((cursor.fetchone() or (0,))[0])


async def with_streams(
    installation: Installation, tokens: list[str], project: int, options: argparse.Namespace
) -> dict[str, Any]:
    """Return the figures while the streams are open."""
    opened = []
    for number in range(options.streams):
        reader, writer = await asyncio.open_connection(HOST, installation.port, limit=2**20)
        token = tokens[1 + number // PER_PERSON]
        head = f"Host: {HOST}\r\nAuthorization: Bearer {token}\r\n\r\n"
        writer.write(f"GET /api/events/stream/ HTTP/1.1\r\n{head}".encode())
        try:
            await asyncio.wait_for(reader.readuntil(b"event: hello"), PATIENCE)
        except asyncio.IncompleteReadError as error:
            raise AssertionError(f"stream {number}: {error.partial.decode()}") from None
        opened.append((reader, writer))
    client = Client(installation.url, tokens[0], timeout=PATIENCE)
    seen = [0]
    looking = asyncio.create_task(_look(seen))
    beside = await asyncio.to_thread(times, client, project, options.requests)
    looking.cancel()
    await asyncio.sleep(3)  # what was heard of the measurement has been sent
    for reader, _ in opened:
        reader._buffer.clear()  # type: ignore[attr-defined]
    began = time.monotonic()
    await asyncio.to_thread(client.insist, "POST", "/api/tasks/", {"title": "Last", "project": project})
    committed = time.monotonic()
    heard = await asyncio.gather(*(_heard(reader, committed) for reader, _ in opened))
    found = {
        **{f"{kind}_p95_ms_beside": value for kind, value in beside.items()},
        "memory_mb_with_streams": memory(installation),
        "connections_to_postgresql": seen[0],
        "heard": sum(each is not None for each in heard),
        "heard_after_ms_at_worst": round(max(each or 0 for each in heard) * 1_000),
        "request_ms": round((committed - began) * 1_000),
    }
    for _, writer in opened:
        writer.close()
    return found


async def _look(seen: list[int]) -> None:
    while True:
        seen[0] = max(seen[0], await asyncio.to_thread(connections))
        await asyncio.sleep(0.05)


async def _heard(reader: asyncio.StreamReader, since: float) -> float | None:
    try:
        await asyncio.wait_for(reader.readuntil(b"event: change"), PATIENCE)
    except (TimeoutError, asyncio.IncompleteReadError):
        return None
    return time.monotonic() - since
