"""What PostgreSQL does for an operation: the plan of each statement as the web process runs it, prepared and warm."""

from __future__ import annotations

import json
import re
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from psycopg import sql

from scripts.bench import load
from scripts.bench.operations import Shot
from scripts.bench.servers import Server
from scripts.bench.site import Site
from scripts.local import cluster

WARM = 12  # requests before those that count: PostgreSQL decides on a generic plan after five runs of a statement
COUNTED = 40  # requests
# Of auto_explain: rows and pages are counted, but no clock is read at each node, which would cost more than the rows
EXPLAINED = {
    "session_preload_libraries": "auto_explain",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_analyze": "on",
    "auto_explain.log_buffers": "on",
    "auto_explain.log_timing": "off",
    "auto_explain.log_format": "json",
}
ENTRY = re.compile(r"duration: ([\d.]+) ms  plan:\n((?:\t.*\n)+)")
LITERAL = re.compile(r"'(?:[^']|'')*'|\b\d+\b")
NOTICED = 0.1  # ms: a statement that takes less explains nothing
MORE = 1.2  # times the pages of the smaller site: the plans are shown
HEAD = 60  # characters of a statement's text
SHOWN = ("Relation Name", "Index Name")  # of a node


@dataclass
class Statement:
    """What the runs of one statement took: milliseconds, pages found in memory and fetched, and its last plan."""

    text: str
    ms: list[float] = field(default_factory=list)
    hit: list[int] = field(default_factory=list)
    read: list[int] = field(default_factory=list)
    plan: dict[str, Any] = field(default_factory=dict)

    def add(self, ms: float, plan: dict[str, Any]) -> None:
        """Count one run."""
        self.ms.append(ms)
        self.hit.append(plan["Shared Hit Blocks"])
        self.read.append(plan["Shared Read Blocks"])
        self.plan = plan

    @property
    def pages(self) -> float:
        """Return the median number of pages that a run looks at."""
        return statistics.median(hit + read for hit, read in zip(self.hit, self.read, strict=True))

    @property
    def figures(self) -> str:
        """Return what a run takes in the middle."""
        ms, read = statistics.median(self.ms), statistics.median(self.read)
        return f"{ms:.2f} ms, {self.pages:,.0f} pages, {read:,.0f} of them read"


@dataclass
class Asked:
    """A site, the tokens of its people, and the requests of each operation."""

    site: Site
    tokens: dict[int, str]
    shots: dict[str, list[Shot]]


@contextmanager
def explaining(site: Site) -> Iterator[None]:
    """Let every new session of the site's role write the plan of each statement to the server's log."""
    role = sql.Identifier(site.env["POSTGRES_USER"])
    with site.services.postgres.connect(user=cluster.SUPERUSER) as connection:
        for name, value in EXPLAINED.items():
            connection.execute(sql.SQL("ALTER ROLE {} SET {} = {}").format(role, _parameter(name), sql.Literal(value)))
        try:
            yield
        finally:
            for name in EXPLAINED:
                connection.execute(sql.SQL("ALTER ROLE {} RESET {}").format(role, _parameter(name)))


def _parameter(name: str) -> sql.Composable:
    return sql.Identifier(*name.split("."))


def statements(site: Site, server: Server, shots: list[Shot], tokens: dict[int, str]) -> list[Statement]:
    """Return the statements of these requests to a server started while `explaining`, in their order."""
    load.walk(server.url, shots[:WARM], tokens)
    log = site.services.postgres.log
    start = log.stat().st_size
    load.walk(server.url, shots[WARM:][:COUNTED] or shots[:COUNTED], tokens)
    time.sleep(0.1)  # the last line of the last backend
    found: dict[str, Statement] = {}
    for ms, entry in _entries(log, start):
        text = LITERAL.sub("?", entry["Query Text"])
        found.setdefault(text, Statement(text)).add(ms, entry["Plan"])
    return list(found.values())


def _entries(log: Path, start: int) -> Iterator[tuple[float, dict[str, Any]]]:
    with log.open("rb") as file:
        file.seek(start)
        text = file.read().decode(errors="replace")
    for ms, body in ENTRY.findall(text):
        yield float(ms), json.loads(body)


def compare(small: Asked, large: Asked, operations: list[str]) -> dict[str, list[str]]:
    """Return for each operation what the plans of its statements do at two sites, as lines of text."""
    found = [_of_site(one, operations) for one in (small, large)]
    return {name: list(_compared(*(one[name] for one in found))) for name in operations}


def _of_site(one: Asked, operations: list[str]) -> dict[str, list[Statement]]:
    with explaining(one.site), Server("explaining", "config.wsgi", one.site.env, one.site.folder) as server:
        return {name: statements(one.site, server, one.shots[name], one.tokens) for name in operations}


def _compared(small: list[Statement], large: list[Statement]) -> Iterator[str]:
    """Yield a line for each statement of both sites, and below it both plans where they look at more pages."""
    others = {one.text: one for one in large}
    for one in small:
        other = others.get(one.text)
        if other is None or statistics.median(other.ms) < NOTICED:
            continue
        yield f"  {' '.join(one.text.split())[:HEAD]} …: {one.figures} -> {other.figures}"
        if other.pages > one.pages * MORE:
            for each in (one, other):
                yield from (f"      {line}" for line in outline(each.plan))
                yield ""


def outline(plan: dict[str, Any], depth: int = 0) -> Iterator[str]:
    """Yield a line for each node of a plan: what it is, on what, how many rows and pages."""
    if plan.get("Actual Loops"):
        names = " ".join(str(plan[key]) for key in SHOWN if key in plan)
        rows = round(plan["Actual Rows"] * plan["Actual Loops"])
        pages = plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]
        yield f"{'  ' * depth}{plan['Node Type']} {names}: {rows:,} rows, {pages:,} pages".replace(" :", ":")
    for child in plan.get("Plans", []):
        yield from outline(child, depth + 1)
