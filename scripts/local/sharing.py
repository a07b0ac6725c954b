"""Run one command with the services of scripts/run: as their guest while it runs, else as their owner."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence

from scripts.local import environment, processes, variables
from scripts.local.ownership import Ownership
from scripts.local.processes import StackError
from scripts.local.session import Session, run_in_front


def run_with_services(
    session: Session,
    command: Sequence[str],
    *,
    verb: str,
    before: Callable[[dict[str, str]], None] = lambda env: None,
    more: Mapping[str, str] | None = None,
    alone: str = "",
) -> int:
    """Return the exit code of a command that finds database, cache and mail in its environment, with `more` added.

    `verb` tells others who holds the services; `before` is called with the environment where this process has just
    started them. `alone` says why somebody else's services will not do: then StackError.
    """
    waited = False
    while True:
        if session.stack.ownership.take(verb):
            return _as_owner(session, command, before, more or {})
        guest = Ownership(session.home)
        if owner := guest.join():
            try:
                if alone:
                    raise StackError(alone)
                return run(command, env=_guest_environment(session, owner.env) | dict(more or {}))
            finally:
                guest.release()
        if not waited:
            say("The stack is starting or stopping: waiting for it.")
        waited = True
        time.sleep(0.1)


def say(text: str) -> None:
    """Write to standard error: standard output belongs to the command."""
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


def _as_owner(
    session: Session, command: Sequence[str], before: Callable[[dict[str, str]], None], more: Mapping[str, str]
) -> int:
    """Hold the stack for the time of the command, and while guests use it."""
    stack, catcher = session.stack, session.catcher
    previous = signal.signal(signal.SIGTERM, _raise)
    try:
        stack.start()
        if catcher:
            stack.record(mail=catcher.start().pid)
        env = session.environment(public_url=variables.url())
        before(env)
        stack.ownership.announce("ready", environment.services_of(env))
        code = run(command, env={**env, **more})
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


def _await_guests(ownership: Ownership) -> None:
    if not ownership.close_door():
        say("Another ./scripts/manage uses the stack: it stays up until that ends.")
        while not ownership.close_door():
            time.sleep(0.1)


def run(command: Sequence[str], *, env: dict[str, str]) -> int:
    """Run a command on our terminal and return its code, 128 + N when signal N ended it."""
    child = run_in_front(command, env=env)
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
