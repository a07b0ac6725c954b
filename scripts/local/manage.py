"""Run a management command against the stack of scripts/run, started or not."""

import re
import sys
import sysconfig
from pathlib import Path

from scripts.local import environment, sharing, variables
from scripts.local.environment import ROOT
from scripts.local.session import Session

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
    command = [sys.executable, str(ROOT / "manage.py"), *arguments]
    if _needs_no_services(arguments):
        return sharing.run(command, env=environment.parts(home, {}, public_url=variables.url()))
    return sharing.run_with_services(
        session,
        command,
        verb="./scripts/manage " + " ".join(arguments[:1]),
        before=lambda env: _first_use(session, arguments, env),
    )


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


def _first_use(session: Session, arguments: list[str], env: dict[str, str]) -> None:
    wanted = not WITHOUT_TABLES.intersection(arguments[:1]) and arguments and not arguments[0].startswith("-")
    if wanted and session.embedded_database and not session.has_tables():
        sharing.say("A new database: migrating it first.")
        session.prepare(["migrate"], env=env)
