"""The processor time that processes of an installation take."""

from __future__ import annotations

import os

from scripts.local import processes
from scripts.resilience.installation import Installation


def seconds_of(pid: int) -> float:
    """Return the seconds that a process and its children, those that have ended as well, have run."""
    fields = processes.stat(pid)
    own = sum(int(value) for value in fields[11:15]) / os.sysconf("SC_CLK_TCK") if fields else 0.0
    return own + sum(seconds_of(child) for child in processes.children(pid))


def by_part(installation: Installation) -> dict[str, float]:
    """Return the seconds of each part of the installation, and of this process, which plays the clients."""
    pids = {name: process.pid for name, process in installation.processes.items()}
    for name, server in (("postgresql", installation.stack.postgres), ("valkey", installation.stack.valkey)):
        if server.process:
            pids[name] = server.process.pid
    return {name: seconds_of(pid) for name, pid in pids.items()} | {"clients": sum(os.times()[:2])}
