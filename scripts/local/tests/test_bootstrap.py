"""The commands find a Python that works and install what the lock says, once."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.local.environment import ROOT

MAIN = 'import os, sys\nprint("verb", *sys.argv[1:])\nprint("python", sys.executable)\nprint("cwd", os.getcwd())\n'
SYSTEM_PATH = "/usr/bin:/bin"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the commands in a path with a space, with an empty lock and a program that only reports."""
    copy = tmp_path / "my project"
    (copy / "scripts/local").mkdir(parents=True)
    for name in ("run", "manage", "test"):
        shutil.copy(ROOT / "scripts" / name, copy / "scripts" / name)
    for name in ("python.sh", "bootstrap.py"):
        shutil.copy(ROOT / "scripts/local" / name, copy / "scripts/local" / name)
    (copy / "scripts/local/__main__.py").write_text(MAIN)
    (copy / "scripts/local/requirements.txt").write_text("# nothing\n")
    (copy / "requirements-dev.txt").write_text("# nothing\n")
    return copy


def _run(project: Path, *command: str, **env: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": SYSTEM_PATH, "HOME": str(project.parent), **env}
    path = project / "scripts" / command[0]
    return subprocess.run([path, *command[1:]], env=environment, cwd="/", capture_output=True, text=True, timeout=120)


def _program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def _tools_without_python(folder: Path) -> Path:
    """Return a folder with the few programs that the shell part needs, and no Python."""
    folder.mkdir()
    for name in ("sh", "dirname", "head"):
        (folder / name).symlink_to(shutil.which(name) or "")
    return folder


def test_the_first_start_installs_and_later_ones_do_not(project: Path):
    first = _run(project, "run", PYTHON=sys.executable)
    later = _run(project, "run")

    assert first.returncode == later.returncode == 0
    assert f"Making the virtual environment {project}/.venv" in first.stderr
    assert "Installing scripts/local/requirements.txt" in first.stderr
    assert later.stderr == ""
    assert later.stdout.splitlines()[:2] == ["verb run", f"python {project}/.venv/bin/python"]


def test_a_changed_lock_is_installed_again_and_each_lock_by_itself(project: Path):
    _run(project, "run", PYTHON=sys.executable)
    (project / "scripts/local/requirements.txt").write_text("# still nothing\n")

    changed, other = _run(project, "run"), _run(project, "test")

    assert "Installing scripts/local/requirements.txt" in changed.stderr
    assert "Installing requirements-dev.txt" in other.stderr
    assert _run(project, "run").stderr == ""


def test_a_package_without_a_hash_is_refused_and_nothing_runs(project: Path):
    (project / "scripts/local/requirements.txt").write_text("django==5.2.19\n")

    done = _run(project, "run", PYTHON=sys.executable)

    assert done.returncode == 1
    assert "Hashes are required" in done.stderr
    assert "Installing the requirements failed" in done.stderr
    assert done.stdout == ""


def test_an_environment_that_was_killed_half_made_is_made_anew(project: Path):
    (project / ".venv/bin").mkdir(parents=True)
    (project / ".venv/bin/python").symlink_to(sys.executable)

    done = _run(project, "run")

    assert done.returncode == 0, done.stderr
    assert (project / ".venv/pyvenv.cfg").exists()


def test_another_environment_can_be_named(project: Path, tmp_path: Path):
    done = _run(project, "run", PYTHON=sys.executable, VENV_DIR=str(tmp_path / "elsewhere"))

    assert f"python {tmp_path}/elsewhere/bin/python" in done.stdout
    assert not (project / ".venv").exists()


def test_arguments_and_the_current_folder_reach_the_command(project: Path):
    done = _run(project, "manage", "dumpdata", "--indent", "2 3", PYTHON=sys.executable)

    assert done.stdout.splitlines()[0] == "verb manage dumpdata --indent 2 3"
    assert done.stdout.splitlines()[2] == "cwd /"


def test_stubs_that_fail_are_passed_over(project: Path, tmp_path: Path):
    shims = tmp_path / "some shims"
    for name in ("python3.13", "python3.12", "python3.11", "python3"):
        _program(shims / name, "echo 'pyenv: command not found' >&2; exit 127")
    real = _program(tmp_path / "bin/python3.12", f'exec "{sys.executable}" "$@"')

    done = _run(project, "run", PATH=f"{shims}:{real.parent}:{_tools_without_python(tmp_path / 'tools')}")

    assert done.returncode == 0, done.stderr
    assert "verb run" in done.stdout


def test_without_a_supported_python_it_says_what_it_found(project: Path, tmp_path: Path):
    if os.path.exists("/usr/local/bin/python3.13"):  # noqa: PTH110
        pytest.skip("this machine has Python in a place that is always looked at")
    tools = _tools_without_python(tmp_path / "tools")
    _program(tools / "python3", 'echo "cpython 3.9" >&2; exit 1')
    _program(tools / "python3.13", "echo 'pyenv: command not found' >&2; exit 127")

    done = _run(project, "run", PATH=str(tools), PYTHON=str(tools / "python3"))

    assert done.returncode == 1
    assert "needs Python 3.11, 3.12 or 3.13" in done.stderr
    assert f"{tools}/python3: cpython 3.9" in done.stderr
    assert "PYTHON=/path/to/python3.13" in done.stderr


def test_a_project_in_a_moved_folder_still_starts(project: Path):
    _run(project, "run", PYTHON=sys.executable)
    moved = project.rename(project.parent / "moved project")

    done = _run(moved, "run")

    assert done.returncode == 0
    assert f"python {moved}/.venv/bin/python" in done.stdout


def test_two_first_starts_at_once_install_once(project: Path):
    environment = {"PATH": SYSTEM_PATH, "HOME": str(project.parent), "PYTHON": sys.executable}
    command = [project / "scripts/run"]
    racers = [subprocess.Popen(command, env=environment, stdout=-1, stderr=-1, text=True) for _ in range(2)]
    said = [racer.communicate(timeout=120) for racer in racers]

    assert [racer.returncode for racer in racers] == [0, 0]
    assert sum("Making the virtual environment" in err for _out, err in said) == 1
    assert sum("waiting for it" in err for _out, err in said) == 1
