"""Run the tests against throw-away services."""

import os
import re
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from scripts.local import direct, environment, places, processes, pytest_options, tools
from scripts.local.environment import ROOT
from scripts.local.ownership import Ownership
from scripts.local.session import run_in_front
from scripts.local.stack import Stack

QUICK = "not slow and not system"
SLOWEST = ["--durations=40", "--durations-min=5"]  # said after a run of all, so that one sees what makes it long
# Without arguments the suite runs in two halves beside each other, each with services of its own: about as long as
# each other on two cores. With --all the second half has the tests of scripts/, which mostly wait for processes, and
# the longest of the others; they are not traced, so they cover nothing.
LONGEST = ("config/tests/access/test_hostile_values.py", "config/tests/access/test_schemathesis.py")
HALVES = (("apps",), ("config", "scripts"))
HALVES_OF_ALL = (("apps", "config", *(f"--ignore={path}" for path in LONGEST)), ("scripts", *LONGEST))
# A test must not reach what the user's own environment names, nor depend on it.
LEADS_ELSEWHERE = ("DATABASE_URL", "POSTGRES_", "REDIS_", "CELERY_", "CACHE_URL", "EMAIL_", "DJANGO_", "PG")
OF_A_RUN = {"PORT", "HOST", "DEMO", "RELOAD"}
SERVERS = ("TEST_DATABASE_URL", "TEST_REDIS_URL")
TEMPORARY = "temporary"  # the file in a run's home that names its folder for temporary files


def main(arguments: list[str]) -> int:
    """Return pytest's exit code."""
    everything = "--all" in arguments
    arguments = [argument for argument in arguments if argument != "--all"]
    if wrong := pytest_options.unknown(arguments):
        print(wrong, file=sys.stderr)
        return 2
    if not arguments:
        return in_halves(everything=everything)
    return run(arguments, everything=everything)


def in_halves(*, everything: bool, first: Sequence[str] = ()) -> int:
    """Run all tests in two halves beside each other; return 0 when both passed.

    `first` are further arguments for the first half. What the second one says is printed after it.
    """
    ours, theirs = HALVES_OF_ALL if everything else HALVES
    command = [sys.executable, "-P", str(ROOT / "scripts/local/__main__.py"), "test", *theirs]
    command += ["--all"] if everything else []
    own_servers = {name: value for name, value in os.environ.items() if name not in SERVERS}
    names = (" and ".join(path for path in half if not path.startswith("-")) for half in (ours, theirs))
    print(f"Running {next(names)}; beside them {next(names)}, said afterwards.", flush=True)
    with tempfile.TemporaryFile() as said:
        tie = processes.die_with_parent(signal.SIGTERM)
        other = subprocess.Popen(command, env=own_servers, stdout=said, stderr=subprocess.STDOUT, preexec_fn=tie)
        before = signal.getsignal(signal.SIGTERM)
        try:
            code = run([*ours, *first], everything=everything)
            signal.signal(signal.SIGTERM, before)  # since its clean-up the run ignores it, and we wait on
            code = other.wait() or code
        finally:
            if other.poll() is None:
                other.terminate()
                other.wait()
        sys.stdout.flush()
        said.seek(0)
        shutil.copyfileobj(said, sys.stdout.buffer)
        sys.stdout.flush()
    return code


def run(arguments: Sequence[str], *, everything: bool) -> int:
    """Run one pytest with services of its own, and return its exit code."""
    home = environment.home() / "test"
    home.mkdir(mode=0o711, parents=True, exist_ok=True)
    sweep(home)
    stack = Throwaway(home / f"{os.getpid()}-{secrets.token_hex(3)}")
    signal.signal(signal.SIGTERM, _raise)
    left: list[str] = []
    try:
        services = stack.start()
        with _temporary_folder(stack.home, left) as temporary:
            code = _pytest(arguments, everything=everything, env=_environment(services, home, temporary))
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        stack.stop()
    if everything:
        _say_what_is_missing()
    for line in left:
        print(f"A test left something behind: {line}", file=sys.stderr)
    return code or int(bool(left))


def _raise(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


class Throwaway:
    """The services of one test run; what the user names in TEST_DATABASE_URL and TEST_REDIS_URL is used instead."""

    def __init__(self, home: Path) -> None:
        self._given = {name: os.environ[name] for name in SERVERS if os.environ.get(name)}
        self._stack = Stack(
            home,
            durable=False,
            postgres="TEST_DATABASE_URL" not in self._given,
            valkey="TEST_REDIS_URL" not in self._given,
        )

    @property
    def home(self) -> Path:
        return self._stack.home

    def start(self) -> dict[str, str]:
        """Start what is needed and return the variables that lead to it."""
        self._stack.start("./scripts/test")
        return self._stack.test_env() | self._given

    def stop(self) -> None:
        """Stop what was started and remove every trace of it."""
        self._stack.stop()
        remove(self._stack)
        processes.end_stragglers()


def remove(stack: Stack) -> None:
    """Remove the folders of a stopped stack."""
    shutil.rmtree(stack.places.sockets, ignore_errors=True)
    if stack.places.data != stack.home:
        shutil.rmtree(stack.places.data, ignore_errors=True)
    shutil.rmtree(stack.home, ignore_errors=True)


def sweep(home: Path) -> None:
    """Remove what killed test runs left: nobody holds their lock any more."""
    for folder in home.iterdir():
        if not folder.is_dir() or time.time() - folder.stat().st_mtime < 5:
            continue  # may be just about to take its lock
        ownership = Ownership(folder)
        if ownership.take("sweep"):
            ownership.release()
            if (folder / TEMPORARY).exists():
                shutil.rmtree((folder / TEMPORARY).read_text(), ignore_errors=True)
            remove(Stack(folder))


@contextmanager
def _temporary_folder(home: Path, left: list[str]) -> Iterator[Path]:
    """Yield the folder for everything temporary that the tests make; it goes with the run.

    What they leave outside of it, the sockets of a stack that nobody stopped, is removed and added to `left`.
    """
    # Not in `home`: paths of sockets are short, and the database's own user must reach homes of stacks in here.
    temporary = Path(tempfile.mkdtemp(prefix="test-"))
    temporary.chmod(0o711)
    (home / TEMPORARY).write_text(str(temporary))
    try:
        yield temporary
    finally:
        for sockets in places.sockets_of_homes_in(temporary):
            left.append(f"{sockets}, the sockets of {(sockets / 'home').read_text()}")
            shutil.rmtree(sockets, ignore_errors=True)
        shutil.rmtree(temporary, ignore_errors=True)


def _environment(services: dict[str, str], home: Path, temporary: Path) -> dict[str, str]:
    """Return the environment of pytest: ours, without what is set for an installation, and nothing in the checkout."""
    named = set(re.findall(r"^#?([A-Z][A-Z0-9_]*)=", (ROOT / ".env.sample").read_text(), flags=re.MULTILINE)) | OF_A_RUN
    kept = {
        name: value for name, value in os.environ.items() if name not in named and not name.startswith(LEADS_ELSEWHERE)
    }
    own = {
        "ENVIRONMENT": "test",
        "PYTHONUNBUFFERED": "1",
        "TMPDIR": str(temporary),
        "COVERAGE_FILE": str(temporary / "coverage"),
        "HYPOTHESIS_STORAGE_DIRECTORY": str(home / "hypothesis"),
    }
    return kept | services | direct.past_proxies(kept) | own


def _pytest(arguments: Sequence[str], *, everything: bool, env: dict[str, str]) -> int:
    command = [sys.executable, "-m", "pytest", "-p", "scripts.local.omissions"]
    if "no:cacheprovider" not in arguments:
        command += ["-o", f"cache_dir={environment.home() / 'test' / 'pytest-cache'}"]
    command += SLOWEST if everything else ["-m", QUICK]
    child = run_in_front([*command, *arguments], env=env, cwd=ROOT)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the terminal sends it to pytest as well
    try:
        code = child.wait()
    finally:
        if child.poll() is None:
            child.terminate()
            child.wait()
    return code if code >= 0 else 128 - code


def _say_what_is_missing() -> None:
    for name, what in tools.missing().items():
        print(f"Not on this machine: {what}. The tests that need it ({name}) were left out.")
