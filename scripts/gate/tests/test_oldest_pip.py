"""Every lock installs with the oldest pip that a supported Python brings along."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.gate import locks
from scripts.local.environment import ROOT

# What ensurepip installs: 22.3 in 3.11.0, 23.0.1 in Debian 12, 23.2.1 in 3.12.0. Newer Pythons bring newer ones
# and run 23.2.1, the last that resolves `name[extra]` apart from `name`.
OLDEST = "22.3" if sys.version_info < (3, 12) else "23.2.1"


@pytest.fixture(scope="module")
def old_pip(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The command of an old pip, in an environment of its own."""
    folder = tmp_path_factory.mktemp("old-pip") / "venv"
    base = getattr(sys, "_base_executable", sys.executable)
    subprocess.run([base, "-m", "venv", folder], check=True)
    pip = [str(folder / "bin/python"), "-m", "pip", "--disable-pip-version-check", "--no-input"]
    subprocess.run([*pip, "install", "--quiet", f"pip=={OLDEST}"], check=True)
    return pip


@pytest.mark.slow
@pytest.mark.parametrize("lock", [locks.SERVER, locks.LOCAL, locks.OPTIONAL, locks.DEVELOPMENT])
def test_the_oldest_pip_installs_this_lock(old_pip: list[str], lock: str, tmp_path: Path):
    """FIRST-HOUR D1."""
    options = ["--dry-run", "--quiet", "--require-hashes", "--only-binary", ":all:", "--requirement", ROOT / lock]
    environment = {**os.environ, "PIP_USER": "0"}

    done = subprocess.run([*old_pip, "install", *options], env=environment, capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr
