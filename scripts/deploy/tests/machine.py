"""Machines made of namespaces: own network, own host names, own mounts. Linux and root only."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from scripts.local import processes, tools


def require(*names: str) -> None:
    """Leave the calling test out unless machines can be made here and the named tools are there."""
    tools.needs("root", "namespaces", *names)


class Machine:
    """One network namespace. `hosts` are its names for addresses, `mounts` {path inside: what is there}.

    Everything started in it ends with `close()` or with this process.
    """

    def __init__(
        self,
        name: str,
        *,
        hosts: Mapping[str, str] | None = None,
        mounts: Mapping[str, Path] | None = None,
    ) -> None:
        self.name = f"th{os.getpid()}{name}"
        self.mounts = dict(mounts or {})
        self.processes: list[subprocess.Popen[bytes]] = []
        self._etc = Path("/etc/netns") / self.name
        self._etc.mkdir(parents=True)
        names = {"localhost": "127.0.0.1", **(hosts or {})}
        (self._etc / "hosts").write_text("".join(f"{address} {host}\n" for host, address in names.items()))
        self.ip("netns", "add", self.name)
        self.ip("-n", self.name, "link", "set", "lo", "up")

    @staticmethod
    def ip(*words: str) -> None:
        """Run `ip`."""
        subprocess.run(["ip", *words], check=True, capture_output=True)

    def wrap(self, argv: Sequence[str | Path], mounts: Mapping[str, Path] | None = None) -> list[str]:
        """Return the command that runs `argv` in this machine."""
        lines = ["mount -t tmpfs none /srv"]
        for inside, source in {**self.mounts, **(mounts or {})}.items():
            if inside.startswith("/srv/"):
                lines.append(f"mkdir -p {shlex.quote(inside)}")
            lines.append(f"mount --bind {shlex.quote(str(source))} {shlex.quote(inside)}")
        script = " && ".join([*lines, 'exec "$@"'])
        return ["ip", "netns", "exec", self.name, "sh", "-c", script, "sh", *map(str, argv)]

    def spawn(
        self,
        argv: Sequence[str | Path],
        *,
        log: Path,
        env: Mapping[str, str],
        mounts: Mapping[str, Path] | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a process in this machine; its output is appended to the file `log`."""
        process = processes.spawn(self.wrap(argv, mounts), log=log, env=env)
        self.processes.append(process)
        return process

    def run(
        self, argv: Sequence[str | Path], *, env: Mapping[str, str], timeout: float = 60, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in this machine and return it with its output."""
        done = subprocess.run(
            self.wrap(argv), env=dict(env), capture_output=True, text=True, timeout=timeout, check=False, cwd="/"
        )
        if check and done.returncode:
            raise AssertionError(f"{argv} answered {done.returncode}:\n{done.stdout}\n{done.stderr}")
        return done

    def end(self, process: subprocess.Popen[bytes], *, seconds: float = 30) -> None:
        """Ask one process to end and wait for it."""
        processes.end(process, seconds=seconds)
        self.processes.remove(process)

    def close(self) -> None:
        """End what runs here, newest first, and take the machine away."""
        for process in reversed(self.processes):
            processes.end(process, seconds=10)
        self.processes.clear()
        subprocess.run(["ip", "netns", "del", self.name], check=False, capture_output=True)
        shutil.rmtree(self._etc, ignore_errors=True)


def link(hub: Machine, node: Machine, number: int) -> str:
    """Join two machines by a wire of their own; return the hub's address on it (the node's ends in .2)."""
    device, address = f"wire{number}", f"10.77.{number}"
    Machine.ip("link", "add", device, "netns", hub.name, "type", "veth", "peer", "name", "eth0", "netns", node.name)
    for machine, name, last in ((hub, device, 1), (node, "eth0", 2)):
        Machine.ip("-n", machine.name, "addr", "add", f"{address}.{last}/30", "dev", name)
        Machine.ip("-n", machine.name, "link", "set", name, "up")
    return f"{address}.1"


def eventually(condition: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Wait until `condition` holds; fail naming `what` after `seconds`."""
    deadline = time.monotonic() + seconds * 10  # what it takes on a quiet machine; others may use this one too
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.1)
