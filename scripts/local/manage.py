"""Run a management command against the stack of scripts/run, started or not."""

import re
import signal
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

from scripts.local import environment, processes, variables
from scripts.local.environment import ROOT
from scripts.local.ownership import Ownership
from scripts.local.session import Session, run_in_front

# These work on the code or on the migrations themselves; all others want the tables to be there.
WITHOUT_TABLES = {
    "migrate",
    "makemigrations",
    "showmigrations",
    "sqlmigrate",
    "help",
    "check",
    "test",
    "shell",
}


def main(arguments: list[str]) -> int:
    """Return the exit code of the management command."""
    home = environment.home()
    session = Session(home)
    if _needs_no_services(arguments):
        return _command(arguments, env=environment.parts(home, {}, public_url=variables.url()))
    waited = False
    while True:
        if session.stack.ownership.take("./scripts/manage " + " ".join(arguments[:1])):
            return _as_owner(session, arguments)
        guest = Ownership(home)
        if owner := guest.join():
            try:
                return _command(arguments, env=_guest_environment(session, owner.env))
            finally:
                guest.release()
        if not waited:
            _say("The stack is starting or stopping: waiting for it.")
        waited = True
        time.sleep(0.1)


def _needs_no_services(arguments: list[str]) -> bool:
    """Return whether Django only prints something: help, a version, or that there is no such command."""
    return (
        arguments[:1] in ([], ["help"], ["version"], ["--version"])
        or "--help" in arguments
        or not _exists(arguments[0])
    )


def _exists(command: str) -> bool:
    """Return whether a package brings this command. Django itself would know after a second of importing."""
    if not re.fullmatch(r"[a-z][a-z0-9_]*", command):
        return False
    places = ("*/management/commands", "*/*/management/commands", "*/*/*/management/commands")
    packages = Path(sysconfig.get_path("purelib"))
    return any(any(folder.glob(f"{place}/{command}.py")) for folder in (ROOT / "apps", packages) for place in places)


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _guest_environment(session: Session, services: dict[str, str]) -> dict[str, str]:
    """Return the environment that leads to the owner's services, but for those the user names for this command."""
    named = [
        *([] if session.embedded_database else ["DATABASE_", "POSTGRES_"]),
        *([] if session.embedded_cache else ["REDIS_", "CELERY_", "CACHE_"]),
        *([] if session.catcher else ["EMAIL_"]),
    ]
    theirs = {name: value for name, value in services.items() if not name.startswith(tuple(named))}
    return environment.parts(session.home, theirs, public_url=services.get("PUBLIC_URL", ""))


def _as_owner(session: Session, arguments: list[str]) -> int:
    """Hold the stack for the time of the command, and while guests use it."""
    stack, catcher = session.stack, session.catcher
    previous = signal.signal(signal.SIGTERM, _raise)
    try:
        stack.start()
        if catcher:
            stack.record(mail=catcher.start().pid)
        env = session.environment(public_url=variables.url())
        _first_use(session, arguments, env)
        stack.ownership.announce("ready", environment.services_of(env))
        code = _command(arguments, env=env)
        _await_guests(stack.ownership)
        return code
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        if catcher:
            catcher.stop()
        stack.stop()
        processes.end_stragglers()
        signal.signal(signal.SIGTERM, previous)


def _raise(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


def _first_use(session: Session, arguments: list[str], env: dict[str, str]) -> None:
    wanted = not WITHOUT_TABLES.intersection(arguments[:1]) and arguments and not arguments[0].startswith("-")
    if wanted and session.embedded_database and not session.has_tables():
        _say("A new database: migrating it first.")
        session.prepare(["migrate"], env=env)


def _await_guests(ownership: Ownership) -> None:
    if not ownership.close_door():
        _say("Another ./scripts/manage uses the stack: it stays up until that ends.")
        while not ownership.close_door():
            time.sleep(0.1)


def _command(arguments: list[str], *, env: dict[str, str]) -> int:
    """Run manage.py on our terminal and return its code, 128 + N when signal N ended it."""
    child = run_in_front([sys.executable, str(ROOT / "manage.py"), *arguments], env=env)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to the command as well
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda got, _frame: _pass_on(child, got))
    try:
        code = child.wait()
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    return code if code >= 0 else 128 - code


def _pass_on(child: subprocess.Popen[bytes], number: int) -> None:
    if child.poll() is None:
        child.send_signal(number)
