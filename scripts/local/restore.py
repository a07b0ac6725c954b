"""Restore a backup into the stack of scripts/run: scripts/restore with the programs and the addresses of that stack."""

import sys
from pathlib import Path

from scripts.local import environment, sharing
from scripts.local.backup import programs
from scripts.local.environment import ROOT
from scripts.local.session import Session

IN_USE = "./scripts/run uses this stack: stop it first, a restore needs an empty database that nobody uses."


def main(arguments: list[str]) -> int:
    """Restore the named folder into the stack, whose database and files must be empty; return the exit code."""
    if len(arguments) != 1:
        print(
            "./scripts/local-restore takes the folder of one backup. See ./scripts/local-restore --help.",
            file=sys.stderr,
        )
        return 2
    session = Session(environment.home())
    command = [str(ROOT / "scripts" / "restore"), str(Path(arguments[0]).absolute())]
    more = programs(session)
    code = sharing.run_with_services(session, command, verb="./scripts/local-restore", more=more, alone=IN_USE)
    if code == 0:
        session.demo.touch()  # what was restored gets no demo beside it
    return code
