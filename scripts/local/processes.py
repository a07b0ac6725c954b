"""Start, recognise and end operating system processes, on Linux and macOS."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

LINUX = sys.platform.startswith("linux")
PR_SET_PDEATHSIG = 1


class StackError(Exception):
    """Something about the local stack that the person at the keyboard can understand and fix."""


def spawn(
    command: Sequence[str | Path],
    *,
    log: Path,
    death_signal: signal.Signals = signal.SIGTERM,
    env: Mapping[str, str] | None = None,
    cwd: str | Path = "/",
    pass_fds: Sequence[int] = (),
    identity: Mapping[str, Any] | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, its output appended to `log`.

    On Linux it receives `death_signal` when this process dies, however it dies. The kernel ties that to
    the thread that started it, hence only the main thread may call this. `identity` holds the `user`,
    `group` and `extra_groups` of Popen.
    """
    if threading.current_thread() is not threading.main_thread():
        raise RuntimeError("processes are started from the main thread: they die with the thread that did")
    with log.open("ab") as output, warnings.catch_warnings(), _no_interruption():
        # Python warns of preexec_fn beside threads; the hook makes three system calls and takes no lock.
        warnings.simplefilter("ignore", DeprecationWarning)
        process = subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=env,
            cwd=cwd,
            pass_fds=pass_fds,
            start_new_session=True,
            preexec_fn=_in_child(death_signal),
            **(identity or {}),
        )
        _spawned.append(process)
    return process


_spawned: list[subprocess.Popen[bytes]] = []
_HELD_BACK = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def _no_interruption() -> Iterator[None]:
    """Hold signals back that may raise: between fork and the note in `_spawned` a child would be lost."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _HELD_BACK)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def end_stragglers() -> None:
    """End whatever `spawn` started and nobody ended, because a signal came in between."""
    while _spawned:
        process = _spawned.pop()
        if process.poll() is None:
            end(process, seconds=5)


def _in_child(death_signal: signal.Signals) -> Callable[[], None]:
    tie = die_with_parent(death_signal)

    def hook() -> None:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HELD_BACK)
        if tie:
            tie()

    return hook


def die_with_parent(death_signal: signal.Signals) -> Callable[[], None] | None:
    """Return the hook for Popen that ties the child's life to this process; None where there is none."""
    if not LINUX:
        return None
    libc, parent = ctypes.CDLL(None), os.getpid()

    def hook() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(death_signal))  # after Popen switched the user, which would clear it
        if os.getppid() != parent:
            os._exit(1)

    return hook


def is_alive(pid: int) -> bool:
    """Return whether a process with this number exists and is no zombie (where that can be seen)."""
    if pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    fields = stat(pid) if LINUX else None
    return fields is None or fields[0] not in ("Z", "X")


def stat(pid: int) -> list[str] | None:
    """Return the fields of /proc/PID/stat from the state on (the name before it may hold anything)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None


def started_at(pid: int) -> str | None:
    """Return a text that distinguishes this process from a later one with the same number; None if it is gone."""
    if not is_alive(pid):
        return None
    if LINUX:
        fields = stat(pid)
        return fields[19] if fields else None
    shown = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return shown.stdout.strip() or None


def children(pid: int) -> list[int]:
    """Return the processes that this one started, on Linux; none if it is gone."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def command_line(pid: int) -> bytes:
    """Return the arguments of a process, joined by NUL on Linux, else by spaces; empty if it is gone."""
    if not LINUX:
        shown = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, check=False)
        return shown.stdout
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def signal_group(pid: int, number: signal.Signals) -> None:
    """Send a signal to the process group that `spawn` made for `pid`, if any of it is left."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def end(process: subprocess.Popen[bytes], *, first: signal.Signals = signal.SIGTERM, seconds: float = 10) -> None:
    """Ask a process that `spawn` started to end, wait, then make sure that its group is gone."""
    if process.poll() is None:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGCONT)
            process.send_signal(first)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
    signal_group(process.pid, signal.SIGKILL)
    process.wait()


def wait_until(condition: Callable[[], bool], *, seconds: float, pause: float = 0.05) -> bool:
    """Return whether `condition` came true within `seconds`."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True
