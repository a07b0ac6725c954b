"""Make the virtual environment, install the locked requirements into it, and go on inside it.

Runs on the bare Python that `python.sh` found: this and what it imports use the standard library only.
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
from collections.abc import Iterator
from pathlib import Path
from types import FrameType

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from scripts.local import causes, installing, options, variables  # noqa: E402
from scripts.local.installing import say  # noqa: E402

LOCAL, DEVELOPMENT = ROOT / "scripts/local/requirements.txt", ROOT / "requirements-dev.txt"
LOCKS = {
    "run": LOCAL,
    "manage": LOCAL,
    "chaos": LOCAL,
    "bench": LOCAL,
    "local-backup": LOCAL,
    "local-restore": LOCAL,
    "containers": LOCAL,
    "test": DEVELOPMENT,
    "check": DEVELOPMENT,
}
STAMP = "requirements.json"  # inside the environment: {name of the lock file: sha256 of what was installed}
MARK = ".taskhouse-setup.lock"  # inside the environment: who makes it holds this; a folder with it is ours to empty


def main(verb: str, arguments: list[str]) -> None:
    """Replace this process by `verb` in the virtual environment. Never returns."""
    signal.signal(signal.SIGTERM, _exit_on_signal)
    _require_sense(verb, arguments)
    chosen = os.environ.get("VENV_DIR")
    venv = Path(chosen).absolute() if chosen else ROOT / ".venv"
    python = venv / "bin/python"
    lock = LOCKS[verb]
    if not _installed(venv, lock):
        _require_writable_home()
        with _only_one(venv, ours=not chosen):
            if not _installed(venv, lock):  # another start may have done it while we waited
                _create(venv, python, ours=not chosen)
                installing.install(python, lock)
                _write_stamp(venv, {**_stamp(venv), _key(lock): _fingerprint(lock)})
    os.environ.pop("__PYVENV_LAUNCHER__", None)  # macOS: would send the new process back to the old Python
    _keep_bytecode(venv)
    os.execv(python, [str(python), "-P", str(ROOT / "scripts/local/__main__.py"), verb, *arguments])


def _keep_bytecode(venv: Path) -> None:
    """Let Python keep what it compiles in the virtual environment where the user wants none beside the sources.

    A start is one of seven processes, and each would compile 800 modules for half a second, every time.
    """
    if os.environ.get("PYTHONDONTWRITEBYTECODE") and os.access(venv, os.W_OK):
        del os.environ["PYTHONDONTWRITEBYTECODE"]
        os.environ.setdefault("PYTHONPYCACHEPREFIX", str(venv / "bytecode"))


def _exit_on_signal(number: int, _frame: FrameType | None) -> None:
    sys.exit(128 + number)  # an exception, so that pip is ended as well


def _require_sense(verb: str, arguments: list[str]) -> None:
    """End with 2 for what cannot be meant, before a minute goes by with installing."""
    wrong = options.complaint(verb, arguments)
    if not wrong and verb in ("run", "manage"):
        try:
            variables.require_usable()
        except variables.Unusable as error:
            wrong = str(error)
    if wrong:
        say(wrong)
        sys.exit(2)


def _require_writable_home() -> None:
    """Make the folder for data: that it cannot be made is better known before the installing."""
    home = Path(os.environ.get("LOCAL_DIR") or ROOT / ".local").absolute()
    home.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)


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
def _only_one(venv: Path, *, ours: bool) -> Iterator[None]:
    """Hold the environment while it is made: the lock lies in it, wherever that is.

    A folder that somebody named, and that holds other things than an environment, is left alone.
    """
    python = venv / "bin/python"
    if not ours and venv.exists() and any(venv.iterdir()) and not (venv / MARK).exists() and not _works(python):
        raise SystemExit(f"VENV_DIR={venv} is not a working virtual environment: remove it or name another place.")
    venv.mkdir(parents=True, exist_ok=True)
    with (venv / MARK).open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Another start is installing the requirements: waiting for it.")
            fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _create(venv: Path, python: Path, *, ours: bool) -> None:
    works = _works(python)
    if works and (_stamp(venv) or _has_pip(python)):
        return
    if works and not ours:
        raise SystemExit(f"VENV_DIR={venv} has no pip. Add it: {python} -m ensurepip; or name another place.")
    base = _base()
    say(f"Making the virtual environment {venv} with Python {sys.version.split()[0]} ({base})")
    _empty(venv)  # half made, or made by a Python that is gone
    done = subprocess.run([base, "-m", "venv", venv], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"Could not make {venv}:\n{done.stdout}{done.stderr}\n{causes.full_disk(venv)}")


def _empty(venv: Path) -> None:
    for path in venv.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        elif path.name != MARK:
            path.unlink()


def _base() -> str:
    """Return a Python outside the environment: ours may be the one in it, about to be removed."""
    if sys.prefix != sys.base_prefix:
        return getattr(sys, "_base_executable", sys.executable)
    return os.path.realpath(sys.executable)


def _has_pip(python: Path) -> bool:
    return subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0


def _write_stamp(venv: Path, stamp: dict[str, str]) -> None:
    temporary = venv / f"{STAMP}.{os.getpid()}"
    temporary.write_text(json.dumps(stamp))
    temporary.replace(venv / STAMP)


if __name__ == "__main__":
    try:
        main(sys.argv[1], sys.argv[2:])
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        sys.exit(causes.explain(error, command=options.command(sys.argv[1])))
