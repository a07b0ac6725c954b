"""Processes that a killed start left: on Linux they die with it, elsewhere the next start ends them."""

import contextlib
import json
import os
import signal
from pathlib import Path

from scripts.local import processes

FILE = "processes.json"  # {name: [pid, when it was started]}


def record(home: Path, pids: dict[str, int]) -> None:
    """Write down which processes run for the stack in `home`."""
    marked = {name: [pid, processes.started_at(pid)] for name, pid in pids.items()}
    temporary = home / f"{FILE}.{os.getpid()}"
    temporary.write_text(json.dumps(marked))
    temporary.replace(home / FILE)


def forget(home: Path) -> None:
    """Remove the record: everything in it has ended."""
    (home / FILE).unlink(missing_ok=True)


def end(home: Path, *, seconds: float = 30) -> None:
    """End the recorded processes that still run. A later process with the same number is left alone."""
    try:
        known: dict[str, tuple[int, str | None]] = json.loads((home / FILE).read_text())
    except (OSError, ValueError):
        return
    alive = {name: pid for name, (pid, mark) in known.items() if mark and processes.started_at(pid) == mark}
    for name, pid in alive.items():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGCONT)
            os.kill(pid, signal.SIGINT if name == "Postgres" else signal.SIGTERM)
    gone = processes.wait_until(lambda: not any(map(processes.is_alive, alive.values())), seconds=seconds)
    for name, pid in alive.items():
        # PostgreSQL is never killed outright: its start waits for it, and says so if that takes too long.
        if not gone and name != "Postgres" and processes.started_at(pid) == known[name][1]:
            processes.signal_group(pid, signal.SIGKILL)
    forget(home)
