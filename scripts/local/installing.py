"""Let pip install a lock file: show how far it is, and say why when it fails."""

import os
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

from scripts.local import causes

ROOT = Path(__file__).resolve().parents[2]
SECONDS_BETWEEN_LINES = 5  # where the output is no terminal
PIN = re.compile(r"^[A-Za-z0-9._-]+(\[[^]]*\])?==", re.MULTILINE)
# What pip says, and what that means to the person at the keyboard; the first that fits counts.
MEANINGS = (
    (r"No space left on device|Disk quota exceeded", "{disk}"),
    (
        r"DO NOT MATCH THE HASHES",
        "A file from the package index is not the one that the lock names: a broken download, or a mirror that changes "
        "files. Remove pip's cache ({python} -m pip cache purge) and try again, or name another index: PIP_INDEX_URL=…",
    ),
    (
        r"Hashes are required|must have their versions pinned",
        "The lock file and this pip do not get on. Write the locks anew as docs/contributing.md says, or take a newer "
        "pip: {python} -m pip install --upgrade pip",
    ),
    (
        r"NewConnectionError|ConnectTimeout|ReadTimeout|Read timed out|Max retries|Connection (broken|refused|reset)|"
        r"Name or service not known|Temporary failure|unreachable|ProxyError|SSLError|CERTIFICATE_VERIFY|Incomplete",
        "The package index cannot be reached. Behind a proxy set https_proxy=http://proxy:port, for a mirror set "
        "PIP_INDEX_URL=https://mirror/simple, for a certificate of your own PIP_CERT=/path/to/ca.pem.",
    ),
    (
        r"No matching distribution|Could not find a version|not a supported wheel",
        "The package index has no wheel for this machine. It takes Linux (glibc, x86_64 or aarch64) or macOS, and "
        "Python 3.11, 3.12 or 3.13; a mirror (PIP_INDEX_URL) may lack them.",
    ),
)
ELSE = "docs/setup.md says what the project needs."


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def install(python: Path, lock: Path) -> None:
    """Install what the lock file says. Raises SystemExit with the cause and the cure when pip fails."""
    began = time.monotonic()
    progress = _Progress(total=len(PIN.findall(lock.read_text())))
    say(
        f"Installing {lock.relative_to(ROOT)} ({progress.total} packages, checked by hash); a first time takes a minute"
    )
    command: list[str | Path] = [python, "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    # The lock is complete: there is nothing left to resolve, and no pip resolves it differently.
    command += ["--no-deps", "--require-hashes", "--only-binary=:all:", "--progress-bar=off", "--requirement", lock]
    # A user's pip.conf may say "user = true", which is rejected inside a virtual environment, or "quiet".
    environment = {**os.environ, "PIP_USER": "0", "PIP_QUIET": "0", "PYTHONUNBUFFERED": "1"}
    code, complaints = _run(command, environment, progress)
    progress.end()
    if code:
        raise SystemExit(_why(complaints, python))
    say(f"Installed in {time.monotonic() - began:.0f} s")


def _run(command: list[str | Path], environment: dict[str, str], progress: "_Progress") -> tuple[int, str]:
    """Return pip's exit code and what it wrote to its standard error."""
    complaints: list[str] = []
    pipe = subprocess.PIPE
    with subprocess.Popen(command, env=environment, stdout=pipe, stderr=pipe, text=True, errors="replace") as pip:
        assert pip.stdout is not None
        assert pip.stderr is not None
        errors = pip.stderr
        reader = threading.Thread(target=lambda: complaints.extend(map(progress.complained, errors)), daemon=True)
        reader.start()
        try:
            for line in pip.stdout:
                progress.heard(line)
        except BaseException:  # Ctrl-C, SIGTERM
            pip.kill()
            raise
        reader.join()
    return pip.returncode, "".join(complaints)


def _why(complaints: str, python: Path) -> str:
    meaning = next((meaning for sign, meaning in MEANINGS if re.search(sign, complaints)), ELSE)
    # What pip warns of on the way is no cause; the last lines are.
    lines = [line for line in complaints.splitlines() if not line.startswith("WARNING: Location")]
    cure = meaning.format(disk=causes.full_disk(python), python=python)
    return "\n".join([*lines[-15:], "", "Installing the requirements failed.", cure])


class _Progress:
    """One line that is written over on a terminal, and a line now and then elsewhere."""

    def __init__(self, *, total: int) -> None:
        self.total, self._done = total, 0
        self._terminal = sys.stderr.isatty()
        self._said = time.monotonic()

    def heard(self, line: str) -> None:
        """Take a line of pip's standard output."""
        words = line.split()
        if words[:1] in (["Collecting"], ["Ignoring"]) or words[:2] == ["Requirement", "already"]:
            self._done += 1
        if words[:1] == ["Collecting"]:
            self._show(f"{min(self._done, self.total)} of {self.total}: {words[1]}")
        elif words[:2] == ["Installing", "collected"]:
            self._show("all are here, unpacking them", now=True)

    def complained(self, line: str) -> str:
        """Take a line of pip's standard error; show it when pip waits for the network."""
        if "Retrying" in line:
            self._show(line.strip(), now=True)
        return line

    def _show(self, text: str, *, now: bool = False) -> None:
        if self._terminal:
            print(f"\r\033[K  {text[:100]}", end="", file=sys.stderr, flush=True)
        elif now or time.monotonic() - self._said >= SECONDS_BETWEEN_LINES:
            say(f"  {text}")
            self._said = time.monotonic()

    def end(self) -> None:
        """Remove the line from the terminal."""
        if self._terminal:
            print("\r\033[K", end="", file=sys.stderr, flush=True)
