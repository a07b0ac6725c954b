"""Run the tests against throw-away services."""

import os
import secrets
import shutil
import signal
import sys
import time
from pathlib import Path

from scripts.local import direct, processes, tools
from scripts.local.environment import ROOT
from scripts.local.ownership import Ownership
from scripts.local.session import run_in_front
from scripts.local.stack import Stack

QUICK = "not slow and not system"
# A test must not reach what the user's own environment names.
LEADS_ELSEWHERE = ("DATABASE_URL", "POSTGRES_", "REDIS_", "CELERY_", "CACHE_URL", "EMAIL_", "DJANGO_", "PG")


def main(arguments: list[str]) -> int:
    """Return pytest's exit code."""
    everything = "--all" in arguments
    arguments = [argument for argument in arguments if argument != "--all"]
    home = ROOT / ".local" / "test"
    home.mkdir(mode=0o711, parents=True, exist_ok=True)
    sweep(home)
    stack = Throwaway(home / f"{os.getpid()}-{secrets.token_hex(3)}")
    signal.signal(signal.SIGTERM, _raise)
    try:
        code = _pytest(arguments, everything=everything, env=_environment(stack.start()))
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        stack.stop()
    if everything:
        _say_what_is_missing()
    return code


def _raise(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


class Throwaway:
    """The services of one test run; what the user names in TEST_DATABASE_URL and TEST_REDIS_URL is used instead."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._stack: Stack | None = None

    def start(self) -> dict[str, str]:
        """Start what is needed and return the variables that lead to it."""
        given = {name: os.environ.get(name, "") for name in ("TEST_DATABASE_URL", "TEST_REDIS_URL")}
        given = {name: value for name, value in given.items() if value}
        if len(given) == 2:
            return given
        self._stack = Stack(
            self._home,
            durable=False,
            postgres="TEST_DATABASE_URL" not in given,
            valkey="TEST_REDIS_URL" not in given,
        )
        self._stack.start("./scripts/test")
        return self._stack.test_env() | given

    def stop(self) -> None:
        """Stop what was started and remove every trace of it."""
        if self._stack is not None:
            self._stack.stop()
            remove(self._stack)
        processes.end_stragglers()


def remove(stack: Stack) -> None:
    """Remove the folders of a stopped stack."""
    shutil.rmtree(stack.places.sockets, ignore_errors=True)
    if stack.places.data != stack.home:
        shutil.rmtree(stack.places.data, ignore_errors=True)
    shutil.rmtree(stack.home, ignore_errors=True)


def sweep(home: Path) -> None:
    """Remove what killed test runs left: nobody holds their lock any more."""
    for folder in home.iterdir():
        if time.time() - folder.stat().st_mtime < 5:
            continue  # may be just about to take its lock
        ownership = Ownership(folder)
        if ownership.take("sweep"):
            ownership.release()
            remove(Stack(folder))


def _environment(services: dict[str, str]) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(LEADS_ELSEWHERE)}
    return kept | services | direct.past_proxies(kept) | {"ENVIRONMENT": "test", "PYTHONUNBUFFERED": "1"}


def _pytest(arguments: list[str], *, everything: bool, env: dict[str, str]) -> int:
    command = [sys.executable, "-m", "pytest", "-p", "scripts.local.omissions"]
    if not everything:
        command += ["-m", QUICK]
    child = run_in_front([*command, *arguments], env=env, cwd=ROOT)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to pytest as well
    try:
        code = child.wait()
    finally:
        if child.poll() is None:
            child.terminate()
            child.wait()
    return code if code >= 0 else 128 - code


def _say_what_is_missing() -> None:
    for name, what in tools.missing().items():
        print(f"Not on this machine: {what}. The tests that need it ({name}) were left out.")
