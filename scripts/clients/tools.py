"""The tools from npm that read the OpenAPI document, installed once for each version of their lock file."""

import hashlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from scripts.local.environment import ROOT

DOCUMENT = ROOT / "docs" / "openapi.yml"
HERE = Path(__file__).parent
FILES = ("package.json", "package-lock.json")


def npm_tools() -> Path:
    """Return the folder `node_modules` with the tools, installing them when they are not there.

    Raises AssertionError, with what npm says, when they cannot be installed.
    """
    wanted = hashlib.sha256(b"".join((HERE / name).read_bytes() for name in FILES)).hexdigest()[:16]
    home = ROOT / ".local" / "clients" / wanted
    if not (home / "complete").exists():
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        for name in FILES:
            shutil.copy(HERE / name, home)
        run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=home)
        (home / "complete").touch()
    return home / "node_modules"


def run(command: Sequence[str | Path], *, cwd: Path, check: bool = True) -> str:
    """Run a command and return what it prints; with `check`, raise AssertionError with that when it fails."""
    env = os.environ | {"NO_COLOR": "1", "FORCE_COLOR": "0", "REDOCLY_TELEMETRY": "off"}
    done = subprocess.run(
        [*map(str, command)], cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    if check and done.returncode:
        raise AssertionError(f"{command[0]} ended with {done.returncode}:\n{done.stdout}")
    return done.stdout
