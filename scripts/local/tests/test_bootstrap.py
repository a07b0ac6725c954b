"""The commands find a Python that works and install what the lock says, once."""

import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from scripts.local.environment import ROOT

COMMANDS = ("run", "manage", "test", "check", "chaos", "tour", "bench/run")
BARE = ("bootstrap", "causes", "installing", "options", "variables", "__init__")  # what runs before the installing
MAIN = 'import os, sys\nprint("verb", *sys.argv[1:])\nprint("python", sys.executable)\nprint("cwd", os.getcwd())\n'
SYSTEM_PATH = "/usr/bin:/bin"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A copy of the commands in a path with a space, with an empty lock and a program that only reports."""
    copy = tmp_path / "my project"
    (copy / "scripts/local").mkdir(parents=True)
    (copy / "scripts/bench").mkdir()
    for name in (*COMMANDS, "help.sh", "__init__.py"):
        shutil.copy(ROOT / "scripts" / name, copy / "scripts" / name)
    for name in ("python.sh", *(f"{module}.py" for module in BARE)):
        shutil.copy(ROOT / "scripts/local" / name, copy / "scripts/local" / name)
    (copy / "scripts/local/__main__.py").write_text(MAIN)
    (copy / "scripts/local/requirements.txt").write_text("# nothing\n")
    (copy / "requirements-dev.txt").write_text("# nothing\n")
    return copy


def _run(project: Path, *command: str, **env: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": SYSTEM_PATH, "HOME": str(project.parent), **env}
    path = project / "scripts" / command[0]
    return subprocess.run([path, *command[1:]], env=environment, cwd="/", capture_output=True, text=True, timeout=300)


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


@pytest.mark.slow
def test_a_changed_lock_is_installed_again_and_each_lock_by_itself(project: Path):
    _run(project, "run", PYTHON=sys.executable)
    (project / "scripts/local/requirements.txt").write_text("# still nothing\n")

    changed, other = _run(project, "run"), _run(project, "test")

    assert "Installing scripts/local/requirements.txt" in changed.stderr
    assert "Installing requirements-dev.txt" in other.stderr
    assert _run(project, "run").stderr == ""


@pytest.mark.slow
def test_a_package_without_a_hash_is_refused_and_nothing_runs(project: Path):
    (project / "scripts/local/requirements.txt").write_text("django==5.2.19\n")

    done = _run(project, "run", PYTHON=sys.executable)

    assert done.returncode == 1
    assert "Hashes are required" in done.stderr
    assert "Installing the requirements failed.\nThe lock file and this pip do not get on." in done.stderr
    assert done.stdout == ""


@pytest.mark.slow
def test_an_environment_that_was_killed_half_made_is_made_anew(project: Path):
    (project / ".venv/bin").mkdir(parents=True)
    (project / ".venv/bin/python").symlink_to(sys.executable)

    done = _run(project, "run")

    assert done.returncode == 0, done.stderr
    assert (project / ".venv/pyvenv.cfg").exists()


@pytest.mark.slow
def test_another_environment_can_be_named(project: Path, tmp_path: Path):
    done = _run(project, "run", PYTHON=sys.executable, VENV_DIR=str(tmp_path / "elsewhere"))

    assert f"python {tmp_path}/elsewhere/bin/python" in done.stdout
    assert not (project / ".venv").exists()


@pytest.mark.slow
def test_arguments_and_the_current_folder_reach_the_command(project: Path):
    done = _run(project, "manage", "dumpdata", "--indent", "2 3", PYTHON=sys.executable)

    assert done.stdout.splitlines()[0] == "verb manage dumpdata --indent 2 3"
    assert done.stdout.splitlines()[2] == "cwd /"


@pytest.mark.slow
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


@pytest.mark.slow
def test_a_project_in_a_moved_folder_still_starts(project: Path):
    _run(project, "run", PYTHON=sys.executable)
    moved = project.rename(project.parent / "moved project")

    done = _run(moved, "run")

    assert done.returncode == 0
    assert f"python {moved}/.venv/bin/python" in done.stdout


@pytest.mark.slow
def test_two_first_starts_at_once_install_once(project: Path):
    environment = {"PATH": SYSTEM_PATH, "HOME": str(project.parent), "PYTHON": sys.executable}
    command = [project / "scripts/run"]
    racers = [subprocess.Popen(command, env=environment, stdout=-1, stderr=-1, text=True) for _ in range(2)]
    said = [racer.communicate(timeout=300) for racer in racers]

    assert [racer.returncode for racer in racers] == [0, 0]
    assert sum("Making the virtual environment" in err for _out, err in said) == 1
    assert sum("waiting for it" in err for _out, err in said) == 1


@pytest.mark.slow
def test_a_start_behind_an_index_that_cannot_be_reached_says_so(project: Path):
    """FIRST-HOUR D1: the message used to blame the network for everything; now only for what it did."""
    (project / "scripts/local/requirements.txt").write_text(f"six==1.17.0 --hash=sha256:{'0' * 64}\n")
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_RETRIES": "1", "PIP_CONFIG_FILE": "/dev/null"}

    done = _run(project, "run", PYTHON=sys.executable, PIP_NO_CACHE_DIR="1", **nowhere)

    assert done.returncode == 1
    assert "The package index cannot be reached. Behind a proxy set https_proxy" in done.stderr


@pytest.mark.slow
def test_the_installing_says_how_far_it_is(project: Path):
    wheels = project.parent / "wheels"
    wheels.mkdir()
    pins = [_wheel(wheels, f"package{number}") for number in range(3)]
    (project / "scripts/local/requirements.txt").write_text("".join(pins))
    offline = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": wheels.as_uri(), "PIP_CONFIG_FILE": "/dev/null"}

    done = _run(project, "run", PYTHON=sys.executable, **offline)

    assert done.returncode == 0, done.stderr
    assert "Installing scripts/local/requirements.txt (3 packages, checked by hash)" in done.stderr
    assert "all are here, unpacking them" in done.stderr


def _wheel(folder: Path, name: str) -> str:
    """Make an empty package and return its line for a lock file."""
    path, about = folder / f"{name}-1.0-py3-none-any.whl", f"{name}-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{name}.py", "")
        wheel.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")
    return f"{name}==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"


@pytest.mark.slow
def test_a_first_start_writes_only_where_the_variables_say(project: Path, tmp_path: Path):
    """FIRST-HOUR D8: the checkout may be read-only."""
    before = sorted(project.rglob("*"))

    done = _run(
        project, "run", PYTHON=sys.executable, VENV_DIR=str(tmp_path / "a venv"), LOCAL_DIR=str(tmp_path / "a home")
    )

    assert done.returncode == 0, done.stderr
    assert sorted(path for path in project.rglob("*") if "__pycache__" not in path.parts) == before
    assert (tmp_path / "a venv/bin/python").exists()


@pytest.mark.slow
def test_bytecode_that_is_not_wanted_beside_the_sources_is_kept_in_the_environment(project: Path):
    wanted = {"PYTHON": sys.executable, "PYTHONDONTWRITEBYTECODE": "1"}
    lines = (
        f"import sys; sys.path.insert(0, {str(project)!r})",
        "from scripts.local import causes",
        "print(causes.__cached__)",
    )
    (project / "scripts/local/__main__.py").write_text("\n".join(lines))

    done = _run(project, "run", **wanted)

    assert done.returncode == 0, done.stderr
    kept = Path(done.stdout.strip().splitlines()[-1])
    assert kept.is_relative_to(project / ".venv/bytecode")
    assert kept.exists()
    assert not [path for path in project.rglob("__pycache__") if ".venv" not in path.parts]


@pytest.mark.parametrize("closed", ["VENV_DIR", "LOCAL_DIR"])
def test_a_place_that_cannot_be_written_is_named_with_both_variables(project: Path, closed: str):
    """FIRST-HOUR D8: /sys is a folder in which nobody, root included, can make anything."""
    done = _run(project, "run", PYTHON=sys.executable, **{closed: "/sys/ours/place"})

    assert done.returncode == 1
    assert "/sys/ours cannot be written: " in done.stderr
    assert "VENV_DIR=" in done.stderr
    assert "LOCAL_DIR=" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Installing" not in done.stderr


@pytest.mark.slow
def test_a_first_start_that_was_killed_in_a_named_place_goes_on_there(project: Path, tmp_path: Path):
    venv = tmp_path / "venv"
    (venv / "bin").mkdir(parents=True)
    (venv / ".taskhouse-setup.lock").touch()

    assert _run(project, "run", PYTHON=sys.executable, VENV_DIR=str(venv)).returncode == 0


def test_a_named_folder_with_other_things_in_it_is_left_alone(project: Path, tmp_path: Path):
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents/letter.txt").write_text("dear")

    done = _run(project, "run", PYTHON=sys.executable, VENV_DIR=str(tmp_path / "documents"))

    assert done.returncode == 1
    assert "is not a working virtual environment" in done.stderr
    assert [path.name for path in (tmp_path / "documents").iterdir()] == ["letter.txt"]
