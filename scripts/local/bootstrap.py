"""Make the virtual environment, install the locked requirements into it, and go on inside it.

Runs on the bare Python that `python.sh` found: standard library only, nothing of the project imported.
"""

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parents[2]
LOCKS = {
    "run": ROOT / "scripts/local/requirements.txt",
    "manage": ROOT / "scripts/local/requirements.txt",
    "chaos": ROOT / "scripts/local/requirements.txt",
    "test": ROOT / "requirements-dev.txt",
    "check": ROOT / "requirements-dev.txt",
}
STAMP = "requirements.json"  # inside the environment: {name of the lock file: sha256 of what was installed}


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main(verb: str, arguments: list[str]) -> None:
    """Replace this process by `verb` in the virtual environment. Never returns."""
    signal.signal(signal.SIGTERM, _exit_on_signal)
    chosen = os.environ.get("VENV_DIR")
    venv = Path(chosen).absolute() if chosen else ROOT / ".venv"
    python = venv / "bin/python"
    lock = LOCKS[verb]
    if not _installed(venv, lock):
        with _only_one():
            if not _installed(venv, lock):  # another start may have done it while we waited
                _create(venv, python, ours=not chosen)
                _install(venv, python, lock)
    os.environ.pop("__PYVENV_LAUNCHER__", None)  # macOS: would send the new process back to the old Python
    os.execv(python, [str(python), "-P", str(ROOT / "scripts/local/__main__.py"), verb, *arguments])


def _exit_on_signal(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)  # an exception, so that subprocess.run ends pip as well


def _fingerprint(lock: Path) -> str:
    return hashlib.sha256(lock.read_bytes()).hexdigest()


def _key(lock: Path) -> str:
    return str(lock.relative_to(ROOT))


def _stamp(venv: Path) -> dict[str, str]:
    try:
        found = json.loads((venv / STAMP).read_text())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _works(python: Path) -> bool:
    """Return whether this is a supported Python in a whole virtual environment: its origin may be gone, or old."""
    probe = "import sys; sys.exit(sys.prefix == sys.base_prefix or not (3, 11) <= sys.version_info[:2] <= (3, 13))"
    try:
        return subprocess.run([python, "-c", probe], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _installed(venv: Path, lock: Path) -> bool:
    return _stamp(venv).get(_key(lock)) == _fingerprint(lock) and _works(venv / "bin/python")


@contextlib.contextmanager
def _only_one() -> Iterator[None]:
    place = ROOT / ".local"
    place.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, exist_ok=True)
    with (place / "setup.lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another start is installing the requirements: waiting for it.")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _create(venv: Path, python: Path, *, ours: bool) -> None:
    if _works(python) and (not ours or _stamp(venv) or _has_pip(python)):
        return
    if not ours and venv.exists() and any(venv.iterdir()):
        raise SystemExit(f"VENV_DIR={venv} is not a working virtual environment: remove it or name another place.")
    base = _base()
    say(f"Making the virtual environment {venv} with Python {sys.version.split()[0]} ({base})")
    if venv.exists():
        shutil.rmtree(venv)  # half made, or made by a Python that is gone
    done = subprocess.run([base, "-m", "venv", venv], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"Could not make {venv}:\n{done.stdout}{done.stderr}")


def _base() -> str:
    """Return a Python outside the environment: ours may be the one in it, about to be removed."""
    if sys.prefix != sys.base_prefix:
        return getattr(sys, "_base_executable", sys.executable)
    return os.path.realpath(sys.executable)


def _has_pip(python: Path) -> bool:
    return subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0


def _install(venv: Path, python: Path, lock: Path) -> None:
    say(f"Installing {lock.relative_to(ROOT)} (checked by hash)")
    began = time.monotonic()
    command: list[str | Path] = [python, "-m", "pip", "install", "-qq", "--no-input", "--disable-pip-version-check"]
    command += ["--require-hashes", "--only-binary=:all:", "--progress-bar=off", "--requirement", lock]
    # A user's pip.conf may say "user = true", which is refused inside a virtual environment.
    done = subprocess.run(command, env={**os.environ, "PIP_USER": "0"}, check=False)
    if done.returncode:
        raise SystemExit(
            "Installing the requirements failed (see above). Is the package index reachable?\n"
            "Wheels exist for Linux (glibc, x86_64 and aarch64) and macOS. docs/setup.md has more."
        )
    _write_stamp(venv, {**_stamp(venv), _key(lock): _fingerprint(lock)})
    say(f"Installed in {time.monotonic() - began:.0f} s")


def _write_stamp(venv: Path, stamp: dict[str, str]) -> None:
    temporary = venv / f"{STAMP}.{os.getpid()}"
    temporary.write_text(json.dumps(stamp))
    temporary.replace(venv / STAMP)


if __name__ == "__main__":
    try:
        main(sys.argv[1], sys.argv[2:])
    except KeyboardInterrupt:
        sys.exit(130)
    except PermissionError as error:
        sys.exit(f"{error}: did another user (root?) start the project here before? Run as that user.")
