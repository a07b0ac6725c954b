"""What the parts of an installation hold at a moment: memory, files, connections, rows."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg

from scripts.local import processes
from scripts.resilience.installation import Installation

CONNECTIONS = """
SELECT application_name, count(*) FROM pg_stat_activity
WHERE backend_type = 'client backend' AND application_name LIKE 'taskhouse-%' GROUP BY 1 ORDER BY 1
"""
TABLES = """
SELECT relname, pg_total_relation_size(relid), n_live_tup, n_dead_tup FROM pg_stat_user_tables ORDER BY 2 DESC LIMIT 6
"""


@dataclass(frozen=True)
class Part:
    """Processes of one kind: how many, the MB (PSS) of all together, and the most open files of one."""

    processes: int
    mb: float
    files: int


@dataclass(frozen=True)
class Table:
    """A table with its indexes, in MB, and its rows as PostgreSQL counts them."""

    mb: float
    live: int
    dead: int


@dataclass(frozen=True)
class Sample:
    """One look, at a time of `time.monotonic`. Of parts `web` is the master and `web child` what it started."""

    at: float
    parts: dict[str, Part]
    connections: dict[str, int]
    tables: dict[str, Table]


@dataclass
class Sampler:
    """Takes a sample every so many seconds in a thread of its own; `tick` is called with each."""

    installation: Installation
    seconds: float
    tick: Callable[[], object] = int
    samples: list[Sample] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)
    error: BaseException | None = None

    def start(self) -> None:
        """Begin."""
        self.thread = threading.Thread(target=self._work, daemon=True)
        self.thread.start()

    def close(self) -> None:
        """End; what went wrong in the thread is raised here."""
        self.over.set()
        self.thread.join()
        if self.error is not None:
            raise self.error

    def _work(self) -> None:
        try:
            with psycopg.connect(self.installation.dsn(), autocommit=True) as connection:
                while not self.over.wait(self.seconds):
                    self.samples.append(take(self.installation, connection))
                    self.tick()
        except BaseException as error:  # noqa: BLE001 - raised again in the main thread
            self.error = error


def take(installation: Installation, connection: psycopg.Connection[Any]) -> Sample:
    """Look once."""
    connections: dict[str, int] = dict(connection.execute(CONNECTIONS).fetchall())
    rows = connection.execute(TABLES).fetchall()
    tables = {name: Table(round(size / 1e6, 2), live, dead) for name, size, live, dead in rows}
    return Sample(time.monotonic(), parts(installation), connections, tables)


def parts(installation: Installation) -> dict[str, Part]:
    """Return what each kind of process holds; one that ends meanwhile is left out."""
    found: dict[str, list[tuple[float, int]]] = {}
    for name, process in list(installation.processes.items()):
        kind = name.partition("-")[0]
        for pid, who in [(process.pid, kind), *((pid, f"{kind} child") for pid in processes.children(process.pid))]:
            with suppress(OSError, StopIteration):
                found.setdefault(who, []).append((memory(pid), open_files(pid)))
    return {
        who: Part(len(some), round(sum(mb for mb, _ in some), 1), max(files for _, files in some))
        for who, some in sorted(found.items())
    }


def memory(pid: int) -> float:
    """Return the MB of a process, of what it shares its share (PSS)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("Pss:")).split()[1]) * 1_024 / 1e6


def open_files(pid: int) -> int:
    """Return how many files and sockets a process has open."""
    return sum(1 for _ in Path(f"/proc/{pid}/fd").iterdir())
