"""Start everything on this machine and keep it running until Ctrl-C."""

import errno
import os
import shutil
import signal
import socket
import sys
import time
import urllib.error
from pathlib import Path

from scripts.local import causes, direct, environment, leftovers, options, parts, processes, variables
from scripts.local.environment import ROOT
from scripts.local.listening import open_port
from scripts.local.ownership import Ownership
from scripts.local.processes import StackError
from scripts.local.session import Session
from scripts.local.supervisor import Part, Supervisor

VERB = "./scripts/run"
NEW_DATABASE_BYTES = 150_000_000  # initdb writes 40 MB, and the log ahead of the first migration as much again
FREE_FOR_ALL = 1024  # ports below are for root
DEMO_PASSWORD = "demo-password-1"  # the same in seed_demo


class Stopped(BaseException):
    """A signal asked us to end."""


def main(arguments: list[str]) -> int:
    """Run until a signal comes; return 0 after an orderly end."""
    if wrong := options.complaint("run", arguments):
        print(wrong, file=sys.stderr)
        return 2
    variables.require_usable()
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
    """Become the owner of the stack; wait for a management command, reject beside another run."""
    waited = False
    while not ownership.take(VERB):
        owner = ownership.owner()
        if owner and owner.verb == VERB and owner.state != "stopping":
            where = owner.url or "starting"
            raise StackError(f"It runs already: process {owner.pid}, {where}. Stop that one first.")
        if not waited and owner:
            _say(f"Waiting for {owner.verb} (process {owner.pid}), which holds the stack, to end.")
            waited = True
        time.sleep(0.1)


def listen(host: str, port: int, *, seconds: float = 0) -> socket.socket:
    """Open the port that web will serve. Raises StackError when it stays taken for `seconds`."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return open_port(host, port, backlog=1024)
        except OSError as error:
            if time.monotonic() > deadline:
                raise StackError(_why_not(host, port, error)) from None
            time.sleep(0.1)


def _why_not(host: str, port: int, error: OSError) -> str:
    """Return why nothing can listen there, and what to name instead."""
    number = error.errno or 0
    if number in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT) or not _is_known(host):
        return (
            f"HOST={host} is no address of this machine. "
            f"Leave it out, or open the server to the network: HOST=0.0.0.0 ./scripts/run"
        )
    reason, another = os.strerror(number), port + 1  # Python adds to strerror what was tried
    if number in (errno.EACCES, errno.EPERM) and port < FREE_FOR_ALL:
        reason = f"ports below {FREE_FOR_ALL} are for root alone"
        another = 8000 + port
    return (
        f"Port {port} on {host} cannot be used: {reason}. "
        f"Name another one, for example: PORT={another if another < 65536 else 8001} ./scripts/run"
    )


def _is_known(host: str) -> bool:
    try:
        return bool(socket.getaddrinfo(host, None))
    except OSError:
        return False


def _require_room(session: Session) -> None:
    """Raise StackError where a new database would not fit; the servers' own words are about one file."""
    data = session.stack.places.data
    new = session.embedded_database and not session.stack.places.database.exists()
    if new and shutil.disk_usage(data).free < NEW_DATABASE_BYTES:
        raise StackError(causes.full_disk(data))


class Runner:
    """One run: what it starts, in which order, and what it says about it."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.host, self.port = variables.host(), variables.port()
        self.listener: socket.socket | None = None
        self.stream_listener: socket.socket | None = None
        self.supervisor = Supervisor(_say, lambda pids: session.stack.record(**pids))

    @property
    def url(self) -> str:
        return variables.url({"HOST": self.host, "PORT": str(self.port)})

    def start(self) -> None:
        """Start everything, saying of each what is up and where."""
        session, stack = self.session, self.session.stack
        unclean = (session.home / leftovers.FILE).exists()
        leftovers.end(session.home)
        self.listener = listen(self.host, self.port, seconds=5 if unclean else 0)
        self.port = self.listener.getsockname()[1]
        _require_room(session)
        stack.start()
        self._adopt_servers()
        if session.catcher:
            session.catcher.open_port()
        if self.host in variables.EVERYWHERE:
            os.environ.setdefault("ALLOWED_HOSTS", "*")
        env = session.environment(public_url=os.environ.get("PUBLIC_URL") or self.url)
        demo = self._prepare(env)
        self._start_parts(env)
        mail = str(session.catcher.folder) if session.catcher else ""
        stack.ownership.announce("ready", environment.services_of(env), url=self.url, mail=mail)
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

    def _prepare(self, env: dict[str, str]) -> bool:
        """Migrate, and fill the demo on a first start; return whether the demo is there."""
        marker = self.session.demo
        wanted = self.session.embedded_database or os.environ.get("DEMO") == "1"
        fill = wanted and os.environ.get("DEMO") != "0" and not marker.exists()
        for note in self.session.prepare(["migrate", "static", *(["demo"] if fill else []), "disk"], env=env):
            _say(f"NOTE        {note}")
        if fill:
            marker.touch()
        return wanted and marker.exists()

    def _start_parts(self, env: dict[str, str]) -> None:
        assert self.listener is not None
        session, supervisor = self.session, self.supervisor
        if session.catcher:
            supervisor.add(Part("mail", session.catcher.start, session.catcher.log))
        if os.environ.get("STREAM") != "0":
            self.stream_listener = listen("127.0.0.1", 0)
            env = env | {"STREAM_FORWARD": f"127.0.0.1:{self.stream_listener.getsockname()[1]}"}
            supervisor.add(parts.stream(session, env, listener=self.stream_listener))
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
        if self.stream_listener:
            _say(f"Stream      runs; its log: {logs}/stream.log")
        _say(f"Web         runs; its log: {logs}/web.log")
        _say(f"  Pages     {self.url}/")
        _say(f"  API       {self.url}/api/")
        _say(f"  Swagger   {self.url}/api/docs/")
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
        for listener in (self.listener, self.stream_listener):
            if listener:
                listener.close()


def _short(path: Path) -> str:
    """Return the path as seen from the project, if it lies in it."""
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
