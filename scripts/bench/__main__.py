"""Measure the API beside its yardsticks: `./scripts/bench/run`, see docs/performance.md."""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import shutil
import statistics
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg

from scripts.bench import bulk, growth, load, parts
from scripts.bench.fill import Size
from scripts.bench.operations import Draw, Operation, Shot, operations
from scripts.bench.servers import Server
from scripts.bench.site import Site
from scripts.bench.walking import FAR, far_pages

FAN_OUT = "fan-out of 500 events to 10 webhooks"
MIXED = 10_000  # requests between two looks at the memory
PACED = 1_500  # requests at a fixed rate: of 300, one stall of 30 ms makes the p99


@dataclass
class Row:
    """One operation's figures: rates in requests a second, latencies in milliseconds."""

    name: str
    target: float | None
    ours: list[load.Result] = field(default_factory=list)
    floor: list[load.Result] = field(default_factory=list)
    plain: list[load.Result] = field(default_factory=list)
    orm: list[load.Result] = field(default_factory=list)
    view: list[load.Result] = field(default_factory=list)
    wsgi: list[load.Result] = field(default_factory=list)

    def rate(self, which: str) -> float:
        """Return the median rate of one of the lists; 0 when it was not measured."""
        results: list[load.Result] = getattr(self, which)
        return statistics.median(result.rate for result in results) if results else 0.0

    def latency(self, quantile: str) -> float:
        """Return the median over the rounds of our `p50` or `p99`."""
        return float(statistics.median(getattr(result, quantile) for result in self.ours))

    def bound(self) -> float:
        """Return the rate of a framework that costs what an empty view costs, doing the work as the floor does."""
        view, wsgi, floor = (self.rate(which) for which in ("view", "wsgi", "floor"))
        return 1 / (1 / view + 1 / floor - 1 / wsgi) if floor else 0.0

    def errors(self) -> dict[str, int]:
        """Return the answers that were no success, by server."""
        return {
            which: sum(result.errors for result in getattr(self, which)) for which in ("ours", "floor", "plain", "orm")
        }


class Bench:
    """One run: a filled database, our server and the floor, and rounds that alternate between them."""

    def __init__(self, options: argparse.Namespace, folder: Path) -> None:
        self.options, self.folder = options, folder
        self.empty = folder / "empty.lua"
        self.size = Size.of(options.tasks, large=not options.no_large)

    def run(self) -> dict[str, Any]:
        """Fill, measure and return everything as plain values."""
        with ExitStack() as stack:
            site = stack.enter_context(Site(self.folder, self.size))
            tokens = site.tokens()
            draw = Draw(site.connection, self.size, self.options.seed)
            ours = stack.enter_context(Server("ours", "config.wsgi", site.env, self.folder))
            floor = stack.enter_context(Server("floor", "scripts.bench.floor", site.env, self.folder))
            # Apart from ours: the memory that instances of whole pages take would count as that of what is shipped.
            views = stack.enter_context(Server("views", "config.wsgi", site.env, self.folder))
            wanted = self.options.operations
            cursors = far_pages(site, ours.url, draw, tokens) if wanted in FAR else {}
            every = operations(draw, cursors, site.refreshes())
            chosen = [operation for operation in every if wanted in operation.name]
            load.write_table(self.empty, [Shot(user, "GET", "/api/empty/") for user in list(tokens)[:100]], tokens)
            rows = [self._measure(operation, ours, floor, views, tokens) for operation in chosen]
            result = {
                "about": _about(site.connection),
                "tasks": self.size.tasks,
                "start_seconds": round(ours.start_seconds, 2),
                "empty": {
                    which: statistics.median([row.rate(which) for row in rows if row.floor] or [0.0])
                    for which in ("view", "wsgi")
                },
                "rows": [self._figures(row) for row in rows],
                "memory_mb": round(ours.memory(), 1),
            }
            if wanted in bulk.NAME:
                result["bulk"] = self._bulk(draw, ours, tokens)
            if wanted in FAN_OUT:
                from scripts.bench import fan_out  # has models

                result["fan_out"] = fan_out.compare(draw.project(), rounds=self.options.rounds)
            if self.options.memory:
                result["memory"] = self._memory(chosen, ours, tokens)
            if self.options.open_loop:
                result["open_loop"] = self._open_loop(chosen, rows, ours, floor, tokens)
            return result

    def parts(self) -> list[str]:
        """Fill, and return a Markdown table of what each part of the list machinery brings."""
        with Site(self.folder, self.size) as site:
            draw = Draw(site.connection, self.size, self.options.seed)
            by_name = {operation.name: operation.shots for operation in operations(draw, {}, [])}
            chosen = parts.parts(by_name["list, newest first"], by_name["one task"])
            head = ["| part | without it, a request takes | middle half | its share |", "|---|---|---|---|"]
            return [*head, *parts.compare(chosen, site.tokens())]

    def _measure(self, operation: Operation, ours: Server, floor: Server, views: Server, tokens: dict[int, str]) -> Row:
        row = Row(operation.name, operation.target)
        table, usual = self.folder / "table.lua", self.folder / "usual.lua"
        load.write_table(table, operation.shots, tokens)
        load.write_table(usual, operation.plain or [], tokens)
        # Whoever is compared takes turns: the machine may be twice as fast a minute later.
        turns = [
            ("ours", ours.url, table, ""),
            ("floor", floor.url, table, ""),
            ("plain", views.url, usual, "/api/plain"),
            ("orm", views.url, table, "/api/orm"),
            ("view", views.url, self.empty, ""),
            ("wsgi", floor.url, self.empty, ""),
        ]
        compared = operation.floor
        wanted = {
            "ours": True,
            "floor": compared,
            "plain": operation.plain is not None,
            "orm": operation.orm,
            "view": compared,
            "wsgi": compared,
        }
        load.saturate(self.folder, ours.url, table, seconds=min(1.0, self.options.seconds))  # warm
        for _ in range(self.options.rounds):
            for name, url, shots, prefix in turns:
                if wanted[name]:
                    result = load.saturate(self.folder, url, shots, seconds=self.options.seconds, prefix=prefix)
                    getattr(row, name).append(result)
        print(f"  {operation.name}: {row.rate('ours'):.0f}/s", file=sys.stderr, flush=True)
        return row

    def _figures(self, row: Row) -> dict[str, Any]:
        ours, floor, plain, orm, bound = *(row.rate(which) for which in ("ours", "floor", "plain", "orm")), row.bound()
        return {
            "operation": row.name,
            "rate": round(ours, 1),
            "p50_ms": round(row.latency("p50"), 2),
            "p99_ms": round(row.latency("p99"), 2),
            "floor": round(floor, 1),
            "to_floor": round(ours / floor, 2) if floor else None,
            "bound": round(bound, 1),
            "to_bound": round(ours / bound, 2) if bound else None,
            "target": row.target,
            "plain": round(plain, 1),
            "to_plain": round(ours / plain, 1) if plain else None,
            "orm": round(orm, 1),
            "to_orm": round(ours / orm, 1) if orm else None,
            "errors": row.errors(),
        }

    def _bulk(self, draw: Draw, ours: Server, tokens: dict[int, str]) -> dict[str, float]:
        """Measure a bulk change beside its yardstick, single requests."""
        project = draw.project()
        first = draw.first_task[project]
        ids = list(range(first, first + bulk.TASKS))
        return bulk.compare(ours.url, tokens[draw.writer(project)], ids, rounds=self.options.rounds)

    def _memory(self, chosen: list[Operation], ours: Server, tokens: dict[int, str]) -> list[dict[str, float]]:
        """Measure the worker after 10,000 and 20,000 requests of all kinds, beyond what the run had so far."""
        table = self.folder / "mixed.lua"
        load.write_table(table, [shot for operation in chosen for shot in operation.shots[:200]], tokens)
        found = []
        for _ in range(2):
            requests = 0
            while requests < MIXED:
                requests += load.saturate(self.folder, ours.url, table, seconds=5).requests
            time.sleep(2)  # a login that nobody waits for any more still holds its 19 MiB
            found.append({"requests": requests, "mb": round(ours.memory(), 2)})
        return found

    def _open_loop(
        self, chosen: list[Operation], rows: list[Row], ours: Server, floor: Server, tokens: dict[int, str]
    ) -> list[dict[str, Any]]:
        """Measure the latency at half the saturated rate, of at least PACED requests; of writes the floor's beside it.

        The floor is asked as often as we are: what its slow requests wait for is the disk's and the machine's.
        """
        found = []
        for operation, row in zip(chosen, rows, strict=True):
            if operation.writes and not operation.floor:  # a login is meant to take long, a refresh token serves once
                continue
            rate = row.rate("ours") / 2
            paced = self._paced(operation, ours, tokens, rate)
            if operation.writes:
                paced["floor"] = self._paced(operation, floor, tokens, rate)
            found.append({"operation": operation.name} | paced)
        return found

    def _paced(self, operation: Operation, server: Server, tokens: dict[int, str], rate: float) -> dict[str, Any]:
        shots = operation.shots
        pace = {"rate": rate, "seconds": max(self.options.seconds, math.ceil(PACED / rate))}
        if any(shot.body for shot in shots):
            result = load.open_loop_with_bodies(server.url, shots, tokens, **pace)
        else:
            result = load.open_loop(self.folder, server.url, shots, tokens, **pace)
        return asdict(result) | {"p99_to_p50": result.p99 / result.p50}


def _about(connection: psycopg.Connection[Any]) -> dict[str, Any]:
    """Return when and on what is measured."""
    version = connection.info.server_version // 10_000
    today = datetime.now(UTC).date().isoformat()
    return {"date": today, "cores": os.cpu_count(), "python": platform.python_version(), "postgres": version}


def parser() -> argparse.ArgumentParser:
    """Return what reads the options."""
    made = argparse.ArgumentParser(prog="./scripts/bench/run", description=__doc__, allow_abbrev=False)
    made.add_argument("--tasks", type=int, default=200_000, help="in all (default 200,000), in projects of 5,000")
    made.add_argument("--no-large", action="store_true", help="leave out the project of 100,000")
    made.add_argument("--seconds", type=int, default=3, help="of each round (default 3)")
    made.add_argument("--rounds", type=int, default=3, help="per operation (default 3)")
    made.add_argument("--operations", default="", help="only those whose name contains this")
    made.add_argument("--open-loop", action="store_true", help="also latency at half the rate")
    made.add_argument("--memory", action="store_true", help="also the memory after 10,000 and 20,000 mixed requests")
    made.add_argument("--parts", action="store_true", help="only compare what each part of the list machinery brings")
    made.add_argument("--growth", help="only compare sites of so many tasks: 200000,1000000,5000000")
    made.add_argument("--no-upkeep", action="store_true", help="of growth: no backup, count of counters, periodic jobs")
    made.add_argument("--folder", type=Path, help="where the sites are kept, and found filled")
    made.add_argument("--seed", type=int, default=1)
    made.add_argument("--json", type=Path, help="keep the figures in this file")
    return made


def main(arguments: list[str]) -> int:
    """Run and print; return the exit code."""
    options = parser().parse_args(arguments)
    if missing := [tool for tool in ("wrk", "h2load") if shutil.which(tool) is None]:
        print(f"missing: {', '.join(missing)} (Debian: apt install wrk nghttp2-client)", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        Path(folder).chmod(0o711)  # the embedded PostgreSQL runs as another user when this is root
        if options.growth:
            return _grow(options, options.folder or Path(folder))
        place = growth.place_of(options.folder, options.tasks) if options.folder else Path(folder)
        bench = Bench(options, place)
        if options.parts:
            print(*bench.parts(), sep="\n")
            return 0
        result = bench.run()
    print(table(result))
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n")
    paced = [
        {
            "operation": f"{row['operation']}, open loop",
            "errors": {"ours": row["errors"], "floor": row.get("floor", {}).get("errors", 0)},
        }
        for row in result.get("open_loop", [])
    ]
    return 1 if reported_errors([*result["rows"], *paced]) else 0


def reported_errors(rows: list[dict[str, Any]]) -> bool:
    """Say which answers were no success; a yardstick's as well, since what fails is quicker than what it stands for."""
    found = [(row["operation"], which, count) for row in rows for which, count in row["errors"].items() if count]
    for operation, which, count in found:
        print(f"{operation}: {count} errors of {which}", file=sys.stderr)
    return bool(found)


def _grow(options: argparse.Namespace, folder: Path) -> int:
    result = growth.measure(
        folder,
        [int(tasks) for tasks in options.growth.split(",")],
        large=not options.no_large,
        wanted=options.operations,
        seed=options.seed,
        rounds=options.rounds,
        seconds=options.seconds,
        upkeep=not options.no_upkeep,
    )
    print(growth.table(result))
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n")
    return 1 if any(site["errors"] for site in result["sites"]) else 0


def table(result: dict[str, Any]) -> str:
    """Return the figures as a Markdown table."""
    names = "operation req/s p50_ms p99_ms floor to_floor bound to_bound asked usual to_usual orm to_orm errors"
    head = "| " + " | ".join(name.replace("_", " ") for name in names.split()) + " |"
    lines = [
        f"{result['tasks']:,} tasks; empty view {result['empty']['view']:.0f}/s, empty WSGI "
        f"{result['empty']['wsgi']:.0f}/s; start {result['start_seconds']} s; {result['memory_mb']} MB",
        "",
        head,
        "|---" * 14 + "|",
    ]
    for row in result["rows"]:
        cells = [
            row["operation"], row["rate"], row["p50_ms"], row["p99_ms"], row["floor"], row["to_floor"], row["bound"],
            row["to_bound"], row["target"], row["plain"], row["to_plain"],
            row["orm"], row["to_orm"], sum(row["errors"].values()),
        ]  # fmt: skip
        lines.append("| " + " | ".join("-" if cell in (None, 0.0) else str(cell) for cell in cells) + " |")
    lines += [
        f"open loop, {row['operation']}: {row['rate']:.0f}/s, {_tail(row)}"
        + (f"; floor {_tail(row['floor'])}" if "floor" in row else "")
        for row in result.get("open_loop", [])
    ]
    lines += [bulk.line(result["bulk"])] if "bulk" in result else []
    if found := result.get("fan_out"):
        lines.append(
            f"{FAN_OUT}: {found['ours_ms']:,.0f} ms, by an INSERT for each webhook {found['floor_ms']:,.0f} ms, "
            f"{found['ratio']} of its speed ({found['target']} asked)"
        )
    lines += [f"after {step['requests']:,} mixed requests: {step['mb']} MB" for step in result.get("memory", [])]
    return "\n".join(lines)


def _tail(paced: dict[str, Any]) -> str:
    return f"p50 {paced['p50']:.1f} ms, p99 {paced['p99']:.1f} ms ({paced['p99_to_p50']:.1f} x)"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
