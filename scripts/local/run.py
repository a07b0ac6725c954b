"""Start everything on this machine and keep it running until Ctrl-C."""

import os
import signal
import socket
import sys
import time
import urllib.error
from pathlib import Path

from scripts.local import direct, environment, leftovers, parts, processes
from scripts.local.environment import ROOT
from scripts.local.ownership import Ownership
from scripts.local.processes import StackError
from scripts.local.session import DEFAULT_HOST, DEFAULT_PORT, Session
from scripts.local.supervisor import Part, Supervisor

VERB = "./scripts/run"
EVERYWHERE = {"0.0.0.0": DEFAULT_HOST, "::": "[::1]"}  # host to listen on: where we find it ourselves
DEMO_PASSWORD = "demo-password-1"  # the same in seed_demo


class Stopped(BaseException):
    """A signal asked us to end."""


def main(arguments: list[str]) -> int:
    """Run until a signal comes; return 0 after an orderly end."""
    if arguments:
        print(
            "./scripts/run takes no arguments: docs/setup.md lists its variables (PORT, DEMO, …).",
            file=sys.stderr,
        )
        return 2
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # nohup ./scripts/run goes on
        signal.signal(signal.SIGHUP, _stop)
    began = time.monotonic()
    session = Session(environment.home())
    runner = Runner(session)
    try:
        _own(session.stack.ownership)
        runner.start()
        _say(f"\nReady after {time.monotonic() - began:.1f} s. Ctrl-C stops everything.")
        runner.supervisor.watch()
    except Stopped:
        _say("\nStopping …")
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: runner.supervisor.kill())
        runner.stop()
    _say("Stopped.")
    return 0


def _stop(_number: int, _frame: object) -> None:
    raise Stopped


def _say(text: str) -> None:
    try:
        print(text, flush=True)
    except BrokenPipeError:  # whoever read our output has gone; the backend goes on
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115


def _own(ownership: Ownership) -> None:
    """Become the owner of the stack; wait for a management command, refuse beside another run."""
    waited = False
    while not ownership.take(VERB):
        owner = ownership.owner()
        if owner and owner.verb == VERB and owner.state != "stopping":
            where = owner.env.get("PUBLIC_URL", "starting")
            raise StackError(f"It runs already: process {owner.pid}, {where}. Stop that one first.")
        if not waited and owner:
            _say(f"Waiting for {owner.verb} (process {owner.pid}), which holds the stack, to end.")
            waited = True
        time.sleep(0.1)


def listen(host: str, port: int, *, seconds: float = 0) -> socket.socket:
    """Open the port that web will serve. Raises StackError when it stays taken for `seconds`."""
    deadline = time.monotonic() + seconds
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    while True:
        try:
            return socket.create_server((host, port), family=family, backlog=1024)
        except OSError as error:
            if time.monotonic() > deadline:
                raise StackError(
                    f"Port {port} on {host} cannot be used: {error.strerror}. "
                    f"Name another one, for example: PORT={port + 1} ./scripts/run"
                ) from None
            time.sleep(0.1)


def _port() -> int:
    try:
        return int(os.environ.get("PORT") or DEFAULT_PORT)
    except ValueError:
        raise StackError(f"PORT={os.environ['PORT']} is not a number") from None


class Runner:
    """One run: what it starts, in which order, and what it says about it."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.host = os.environ.get("HOST") or DEFAULT_HOST
        self.port = _port()
        self.listener: socket.socket | None = None
        self.supervisor = Supervisor(_say, lambda pids: session.stack.record(**pids))

    @property
    def url(self) -> str:
        name = EVERYWHERE.get(self.host, f"[{self.host}]" if ":" in self.host else self.host)
        return f"http://{name}:{self.port}"

    def start(self) -> None:
        """Start everything, saying of each what is up and where."""
        session, stack = self.session, self.session.stack
        unclean = (session.home / leftovers.FILE).exists()
        leftovers.end(session.home)
        self.listener = listen(self.host, self.port, seconds=5 if unclean else 0)
        self.port = self.listener.getsockname()[1]
        stack.start()
        self._adopt_servers()
        if session.catcher:
            session.catcher.open_port()
        if self.host in EVERYWHERE:
            os.environ.setdefault("ALLOWED_HOSTS", "*")
        env = session.environment(public_url=os.environ.get("PUBLIC_URL") or self.url)
        demo = self._prepare(env)
        self._start_parts(env)
        stack.ownership.announce("ready", environment.services_of(env))
        self._say_where(demo=demo)

    def _adopt_servers(self) -> None:
        stack, session = self.session.stack, self.session
        if session.embedded_cache:
            valkey = Part("Valkey", parts.starter(stack.valkey), stack.valkey.log, process=stack.valkey.process)
            self.supervisor.add(valkey)
            _say(f"Valkey      {stack.places.valkey_socket}")
        if session.embedded_database:
            postgres = Part(
                "Postgres", parts.starter(stack.postgres), stack.postgres.log, process=stack.postgres.process
            )
            self.supervisor.add(postgres)
            _say(f"PostgreSQL  {stack.places.database_socket} (data in {_short(stack.places.database)})")

    def _adopt(self, name: str, server: parts.Server) -> None:
        self.supervisor.add(Part(name, parts.starter(server), server.log, process=server.process))

    def _prepare(self, env: dict[str, str]) -> bool:
        """Migrate, and fill the demo on a first start; return whether the demo is there."""
        marker = self.session.home / "demo.filled"
        wanted = self.session.embedded_database or os.environ.get("DEMO") == "1"
        fill = wanted and os.environ.get("DEMO") != "0" and not marker.exists()
        self.session.prepare(["migrate", "static", *(["demo"] if fill else [])], env=env)
        if fill:
            marker.touch()
        return wanted and marker.exists()

    def _start_parts(self, env: dict[str, str]) -> None:
        assert self.listener is not None
        session, supervisor = self.session, self.supervisor
        if session.catcher:
            supervisor.add(Part("mail", session.catcher.start, session.catcher.log))
        web = parts.web(session, env, listener=self.listener)
        worker, beat = parts.worker(session, env), parts.beat(session, env)
        for part in (web, worker, beat):
            supervisor.add(part)
        supervisor.require(web, self._answers, seconds=60)
        for part in (worker, beat):
            supervisor.require(part, parts.heartbeat(session, part.name).exists, seconds=60)

    def _answers(self) -> bool:
        """Return whether the API says that it is ready."""
        try:
            with direct.open_url(f"{self.url}/health/ready/", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _say_where(self, *, demo: bool) -> None:
        home, logs = _short(self.session.home), _short(self.session.stack.places.logs)
        mail = f"every mail is a file in {home}/mail" if self.session.catcher else "goes to EMAIL_HOST"
        _say(f"Mail        {mail}")
        _say(f"Worker      runs; its log: {logs}/worker.log")
        _say(f"Beat        runs; its log: {logs}/beat.log")
        _say(f"Web         runs; its log: {logs}/web.log")
        _say(f"  API       {self.url}/api/")
        _say(f"  Swagger   {self.url}/api/schema/swagger-ui/")
        _say(f"  Admin     {self.url}/admin/")
        if demo:
            _say(f"Demo login  alice, bob or carol (admin for the admin pages), password {DEMO_PASSWORD}")

    def stop(self) -> None:
        """End everything we started, the data servers last."""
        ownership = self.session.stack.ownership
        if ownership.held:
            ownership.announce("stopping", {})
            self.supervisor.stop()
            self.session.stack.stop()
        processes.end_stragglers()
        if self.listener:
            self.listener.close()


def _short(path: Path) -> str:
    """Return the path as seen from the project, if it lies in it."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
