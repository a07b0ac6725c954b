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
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO

from scripts.local import direct, environment, places, processes, pytest_options, tools
from scripts.local.environment import ROOT
from scripts.local.ownership import Ownership
from scripts.local.session import run_in_front
from scripts.local.stack import Stack

QUICK = "not slow and not system"
IN_FULL = "not sample"  # with --all: a slow test has all of which a sample tries a part
SLOWEST = ["--durations=40", "--durations-min=5"]  # said after a run of all, so that one sees what makes it long
# Without arguments the suite runs in shares beside each other, each with services of its own: about as long as each
# other on two cores. With --all they are three, since much of it waits for processes: what is quick, which alone is
# traced for the coverage; what is slow; and the tests of scripts/ but for the drills, which are with the slow ones.
DRILLS = "scripts/resilience/tests/test_short_runs.py"
SHARES = (("apps",), ("config", "scripts"))
SHARES_OF_ALL = (
    ("apps", "config", "-m", f"not slow and {IN_FULL}"),
    ("apps", "config", DRILLS, "-m", "slow"),
    ("scripts", f"--ignore={DRILLS}"),
)
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
        return in_shares(everything=everything)
    return run(arguments, everything=everything)


def in_shares(*, everything: bool, first: Sequence[str] = ()) -> int:
    """Run all tests in shares beside each other; return 0 when all passed.

    `first` are further arguments for the first share. What the others say is printed after it.
    """
    ours, *others = SHARES_OF_ALL if everything else SHARES
    print(f"Running {_named(ours)}; beside them, said afterwards: {'; '.join(map(_named, others))}.", flush=True)
    with ExitStack() as stack:
        said = [stack.enter_context(tempfile.TemporaryFile()) for _ in others]
        running = [_beside(share, said=file, everything=everything) for share, file in zip(others, said, strict=True)]
        for process in running:
            stack.callback(_end, process)
        before = signal.getsignal(signal.SIGTERM)
        codes = [run([*ours, *first], everything=everything)]
        signal.signal(signal.SIGTERM, before)  # since its clean-up the run ignores it, and we wait on
        for process, file in zip(running, said, strict=True):
            codes.append(process.wait())
            sys.stdout.flush()
            file.seek(0)
            shutil.copyfileobj(file, sys.stdout.buffer)
            sys.stdout.flush()
    return next(filter(None, codes), 0)


def _named(share: Sequence[str]) -> str:
    return " ".join(word for word in share if not word.startswith("-"))


def _beside(share: Sequence[str], *, said: IO[bytes], everything: bool) -> subprocess.Popen[bytes]:
    """Start the tests of a share, which writes into the file `said`."""
    command = [sys.executable, "-P", str(ROOT / "scripts/local/__main__.py"), "test", *share]
    command += ["--all"] if everything else []
    own_servers = {name: value for name, value in os.environ.items() if name not in SERVERS}
    tie = processes.die_with_parent(signal.SIGTERM)
    return subprocess.Popen(command, env=own_servers, stdout=said, stderr=subprocess.STDOUT, preexec_fn=tie)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        process.wait()


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
    command += [*SLOWEST, "-m", IN_FULL] if everything else ["-m", QUICK]
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
