"""The network of the engine: a namespace that lives as long as the engine's process, and a way out of it."""

import os
import subprocess
from pathlib import Path

from scripts.containers.packages import Programs
from scripts.local.processes import StackError

OUTSIDE, INSIDE = "thouse0", "thouse1"  # both ends of the wire
GATEWAY, ADDRESS = "10.214.0.1", "10.214.0.2"
WIRE = "10.214.0.0/30"
BRIDGE, POOL = "10.215.0.1/24", "base=10.216.0.0/16,size=24"  # what containers get
FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")
RULES = (
    ["-t", "nat", "POSTROUTING", "-s", WIRE, "-j", "MASQUERADE"],
    ["-t", "filter", "FORWARD", "-i", OUTSIDE, "-j", "ACCEPT"],
    ["-t", "filter", "FORWARD", "-o", OUTSIDE, "-j", "ACCEPT"],
)


class Network:
    """Joins the namespace of a process with the machine's network, and takes every change back."""

    def __init__(self, folder: Path, programs: Programs) -> None:
        self._programs = programs
        self._before = folder / "ip_forward"  # what the machine had

    def open(self, pid: int) -> None:
        """Give the network namespace of process `pid` an address, and a way out through this machine."""
        inside = ["nsenter", "--target", str(pid), "--net"]
        self._run("ip", "link", "add", OUTSIDE, "mtu", str(mtu()), "type", "veth", "peer", "name", INSIDE)
        self._run("ip", "link", "set", INSIDE, "netns", str(pid))
        self._run("ip", "address", "add", f"{GATEWAY}/30", "dev", OUTSIDE)
        self._run("ip", "link", "set", OUTSIDE, "up")
        self._run(*inside, "ip", "address", "add", f"{ADDRESS}/30", "dev", INSIDE)
        self._run(*inside, "ip", "link", "set", INSIDE, "mtu", str(mtu()), "up")
        self._run(*inside, "ip", "link", "set", "lo", "up")
        self._run(*inside, "ip", "route", "add", "default", "via", GATEWAY)
        if FORWARDING.read_text().strip() != "1":
            self._before.write_text(FORWARDING.read_text())
            FORWARDING.write_text("1\n")
        for table, name, chain, *rule in RULES:
            self._run("iptables", table, name, "-I", chain, *rule)

    def close(self) -> None:
        """Take back what `open` did, in this process or in one that was killed."""
        for table, name, chain, *rule in RULES:
            while self._runs("iptables", table, name, "-D", chain, *rule):
                pass
        if self._before.exists():
            FORWARDING.write_text(self._before.read_text())
            self._before.unlink()
        self._runs("ip", "link", "delete", OUTSIDE)

    def _runs(self, *command: str) -> bool:
        """Return whether a command succeeds; without its program, nothing was done that it could take back."""
        try:
            return self._ended(*command).returncode == 0
        except FileNotFoundError:
            return False

    def _run(self, *command: str) -> None:
        done = self._ended(*command)
        if done.returncode:
            raise StackError(f"{' '.join(command)}: {done.stderr.strip()}")

    def _ended(self, *command: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, **self._programs.environment()}
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def mtu() -> int:
    """Return the size of the packets that the machine's way out takes, in bytes."""
    routes = [line.split() for line in Path("/proc/net/route").read_text().splitlines()[1:]]
    device = next((route[0] for route in routes if route[1] == "00000000"), "")
    path = Path("/sys/class/net") / device / "mtu"
    return int(path.read_text()) if device and path.exists() else 1500


def resolver() -> Path:
    """Return the file that names the name servers: one on this machine's loopback is of no use in a namespace."""
    usual, behind = Path("/etc/resolv.conf"), Path("/run/systemd/resolve/resolv.conf")
    is_local = "nameserver 127." in usual.read_text() if usual.exists() else True
    return behind if is_local and behind.exists() else usual
