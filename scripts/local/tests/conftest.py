"""Real processes in throw-away folders; whatever a test starts is ended with it."""

import os
import subprocess
import sys
import tempfile
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scripts.local import processes
from scripts.local.environment import ROOT
from scripts.local.stack import Stack
from scripts.local.suite import remove

OtherProcess = Callable[[str], "subprocess.Popen[str]"]


@contextmanager
def home_folder() -> Iterator[Path]:
    """Yield a home for a stack, with a space in its path, which the database's own user can reach.

    Not among pytest's folders: every pytest that starts on this machine closes those to other users.
    """
    with tempfile.TemporaryDirectory(prefix="stack-test-", ignore_cleanup_errors=True) as parent:
        Path(parent).chmod(0o755)
        home = Path(parent) / "a home"
        yield home
        if home.exists():
            remove(Stack(home))


@pytest.fixture
def folder() -> Iterator[Path]:
    """A home for a stack."""
    with home_folder() as home:
        yield home


@pytest.fixture
def stack(folder: Path) -> Iterator[Stack]:
    """A running stack that keeps its data over a restart."""
    with Stack(folder) as running:
        yield running


@pytest.fixture
def other_process() -> Iterator[OtherProcess]:
    """Run Python code in another process, which has said "up" when this returns."""
    started: list[subprocess.Popen[str]] = []

    def start(code: str) -> subprocess.Popen[str]:
        program = "import sys, time\nfrom pathlib import Path\n" + textwrap.dedent(code)
        process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=ROOT)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "up"
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()
        if process.stdout:
            process.stdout.close()


@pytest.fixture
def root_only() -> None:
    """Leave a test out that is about dropping root's rights."""
    if os.geteuid() != 0:
        pytest.skip("is about root")


def gone(*pids: int, seconds: float = 60) -> bool:
    """Return whether all these processes end in time."""
    return processes.wait_until(lambda: not any(map(processes.is_alive, pids)), seconds=seconds)
