"""The whole backend as real processes in a folder of its own, each of which can be killed."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import socket
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from psycopg.conninfo import make_conninfo

from scripts.local import environment, processes
from scripts.local.environment import ROOT
from scripts.local.listening import open_port
from scripts.local.mailcatcher import MailCatcher
from scripts.local.processes import StackError
from scripts.local.stack import Stack

# Quick where only waiting would be measured; everything that is promised stays as shipped.
SETTINGS = {
    "ACCESS_TOKEN_SECONDS": "3600",
    "THROTTLE_WRITE": "1000000/60",
    "THROTTLE_UPLOAD": "1000000/60",
    "LOG_LEVEL": "INFO",
    "DISK_RESERVE_BYTES": "0",
}


@dataclass(frozen=True)
class Code:
    """A version of this project that processes run: its folder and its Python."""

    root: Path = ROOT
    python: str = sys.executable


PRESENT = Code()


class Installation:
    """PostgreSQL, Valkey and a mail server, and by name any number of web, stream, worker, beat and sweep processes.

        with House(folder) as house:
            house.start("web")
            house.start("worker-2", FAULT_POINT="worker.claimed")
            house.kill("web")
            house.revive()

    A name's part before the dash says what it is. Everything ends with the block. Web processes that are asked to end
    have `grace` seconds for the requests they have.
    """

    def __init__(self, folder: Path, *, settings: Mapping[str, str] | None = None, grace: int = 5) -> None:
        self.stack = Stack(folder)
        self.mail = MailCatcher(folder / "mail", log=self.stack.places.logs / "mail.log", state=folder)
        self.settings = SETTINGS | dict(settings or {})
        self.grace = grace
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._groups: set[int] = set()
        self._listener: socket.socket | None = None
        self._stream: socket.socket | None = None
        self.stream_port = 0

    @property
    def folder(self) -> Path:
        return self.stack.home

    @property
    def port(self) -> int:
        assert self._listener is not None
        port: int = self._listener.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        try:
            self.stack.start("fire")
            self.mail.start()
            # Open all the time: callers wait while web is started again, as behind a proxy that retries.
            self._listener = open_port("127.0.0.1", 0, backlog=1024)
            self.prepare()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End everything that was started, and its children."""
        for process in self.processes.values():
            processes.end(process, seconds=0.1)
        for group in self._groups:
            processes.signal_group(group, signal.SIGKILL)
        for listener in (self._listener, self._stream):
            if listener is not None:
                listener.close()
        self.mail.stop()
        self.stack.stop()

    def env(self) -> dict[str, str]:
        """Return the variables that lead a process into this house."""
        services = self.stack.env() | self.mail.env()
        found = environment.parts(self.folder, services, public_url=self.url if self._listener else "")
        if self._stream is not None:  # started before: web leads clients there
            found["STREAM_FORWARD"] = f"127.0.0.1:{self.stream_port}"
        return found | self.settings

    def dsn(self) -> str:
        """Return how to connect to the database."""
        env = self.env()
        names = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "DB"}
        return make_conninfo(**{name: env[f"POSTGRES_{variable}"] for name, variable in names.items()})

    def open_django(self) -> None:
        """Let this process look into the house through the project's own models."""
        os.environ.update(self.env())
        import django

        django.setup()

    def prepare(self) -> None:
        """Make the database ready, before anything but the services runs."""
        self.run_manage(PRESENT, "migrate", "--verbosity", "0")

    def run_manage(self, code: Code, *words: str, **own: str) -> str:
        """Run a management command to its end and return what it says."""
        return self.run(code, "manage.py", *words, **own)

    def run(self, code: Code, *words: str, **own: str) -> str:
        """Run Python to its end and return what it says. Raises StackError when it fails."""
        command, env = [code.python, *words], self.env() | {"DJANGO_SETTINGS_MODULE": "config.settings"} | own
        done = subprocess.run(command, cwd=code.root, env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            raise StackError(f"{' '.join(words)} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def log(self, name: str) -> Path:
        """Return where the process called `name` writes."""
        return self.stack.places.logs / f"{name}.log"

    def start(self, name: str, *, code: Code = PRESENT, **own: str) -> subprocess.Popen[bytes]:
        """Start the process called `name` with variables of its `own`; the next start without them."""
        process = processes.spawn(
            self._command(name, code.python),
            log=self.log(name),
            env=self.env() | own,
            cwd=code.root,
            pass_fds=self._fds(name),
        )
        self.processes[name] = process
        self._groups.add(process.pid)
        return process

    def adopt(self, name: str, process: subprocess.Popen[bytes]) -> None:
        """End a process of somebody else's, started by `spawn`, with the rest."""
        self.processes[name] = process
        self._groups.add(process.pid)

    def close_stream_port(self) -> None:
        """Let the port of the stream end with its process; the next start opens it again."""
        if self._stream is not None:
            self._stream.close()
            self._stream = None

    def _fds(self, name: str) -> tuple[int, ...]:
        assert self._listener is not None
        if name.startswith("stream"):
            if self._stream is None:
                self._stream = open_port("127.0.0.1", self.stream_port, backlog=2048)
                self.stream_port = self._stream.getsockname()[1]
            return (self._stream.fileno(),)
        return (self._listener.fileno(),) if name.startswith("web") else ()

    def _command(self, name: str, executable: str) -> list[str]:
        python = [executable, "-m"]
        match name.partition("-")[0]:
            case "web":
                options = ["--bind", f"fd://{self._fds(name)[0]}", "--no-control-socket"]
                options += ["--graceful-timeout", str(self.grace)]
                return [*python, "gunicorn", "--config", "config/gunicorn.py", "config.wsgi", *options]
            case "stream":
                options = ["--bind", f"fd://{self._fds(name)[0]}"]
                return [*python, "gunicorn", "--config", "config/gunicorn_stream.py", "config.asgi_stream", *options]
            case "worker":
                quiet = ["--without-gossip", "--without-mingle", "--hostname", f"{name}@local"]
                quiet += ["--max-tasks-per-child", "1000"]
                concurrency = self.settings.get("WORKER_CONCURRENCY", "1")
                return [*python, "celery", "-A", "config", "worker", "--concurrency", concurrency, *quiet]
            case "beat":
                return [*python, "celery", "-A", "config", "beat", "--pidfile="]
            case "relay":
                return [executable, "manage.py", "relay_events"]
            case "sweep":
                return [executable, "manage.py", "sweep", "--loop"]
            case "once":
                return [executable, "manage.py", "sweep"]
        raise ValueError(name)

    def signal(self, name: str, number: signal.Signals) -> None:
        """Send a signal to the process and all its children."""
        processes.signal_group(self.processes[name].pid, number)

    def end(self, name: str) -> None:
        """End a process in good order, as a service manager does, and let it rest."""
        process = self.processes.pop(name)
        process.terminate()
        process.wait(90)

    def kill(self, name: str) -> None:
        """End the process and its children with kill -9."""
        self.signal(name, signal.SIGKILL)
        self.processes[name].wait()

    def kill_child(self, name: str, chance: random.Random) -> None:
        """Kill one of the process's children with kill -9."""
        listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True)
        pairs = [line.split() for line in listed.stdout.splitlines()]
        children = [int(pid) for pid, parent in pairs if int(parent) == self.processes[name].pid]
        if children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(chance.choice(children), signal.SIGKILL)

    def is_alive(self, name: str) -> bool:
        """Return whether the process called `name` runs."""
        return self.processes[name].poll() is None

    def revive(self) -> list[str]:
        """Start again what has died, as a supervisor would, and return the names."""
        dead = [name for name in self.processes if not self.is_alive(name)]
        for name in dead:
            processes.signal_group(self.processes[name].pid, signal.SIGKILL)
            self.start(name)
        return dead

    def wait_until_serving(self, name: str) -> None:
        """Wait until this one of several web processes on one port has answered a request."""
        log = self.log(name)
        if not processes.wait_until(lambda: "taskhouse.access" in log.read_text(), seconds=300):
            raise StackError(f"{name} answers nothing:\n{log.read_text()[-3000:]}")

    def wait_for_web(self, seconds: float = 180) -> None:
        """Wait until a request is answered."""
        from scripts.resilience.traffic import Client

        if not processes.wait_until(lambda: Client(self.url).ask("GET", "/health/").status == 200, seconds=seconds):
            raise StackError(f"web does not answer:\n{self.log('web').read_text()[-3000:]}")
