"""The Dockerfile, the compose files, the workflow and the scripts are well-formed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
BIN = Path(sys.executable).parent
SHELL = ["entrypoint", "backup", "restore", "deploy/wait-for-web", "deploy/rolling-restart", "deploy/postgres/owner.sh"]


def run(*argv: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in argv], cwd=ROOT, capture_output=True, text=True, timeout=600)


def test_hadolint_has_nothing_to_say_about_the_dockerfile():
    done = run(BIN / "hadolint", "Dockerfile")

    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize(
    ("schema", "path"),
    [
        ("vendor.compose-spec", "docker-compose.yml"),
        ("vendor.compose-spec", "docker-compose.override.yml"),
        ("vendor.compose-spec", "docker-compose.tls.yml"),
        ("vendor.github-workflows", ".github/workflows/ci.yml"),
    ],
)
def test_the_file_follows_its_schema(schema, path):
    done = run(BIN / "check-jsonschema", "--builtin-schema", schema, path)

    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", [*SHELL, "deploy/connection.sh"])
def test_the_shell_script_parses(name):
    path = ROOT / "scripts" / name
    shell = "bash" if "bash" in path.read_text().splitlines()[0] else "sh"

    done = run(shell, "-n", path)

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", [*SHELL, "health"])
def test_the_script_is_executable(name):
    assert (ROOT / "scripts" / name).stat().st_mode & 0o111 == 0o111
