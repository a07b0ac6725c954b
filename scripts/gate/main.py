"""Run every step of the gate, say how long each took, and end with the full test suite."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from scripts.gate import steps
from scripts.local import processes, suite
from scripts.local.environment import ROOT
from scripts.local.stack import Stack

COVERAGE = ["--cov", "--cov-report=term-missing:skip-covered", "--cov-fail-under=95"]
# The suite in two halves that run beside each other: the first works, the second mostly waits for processes.
WORKING = ["apps", "config"]
WAITING = ["scripts"]


def main(arguments: list[str]) -> int:
    """Return 0 when everything passed. `--quick` leaves the tests out; other arguments go to pytest."""
    signal.signal(signal.SIGTERM, _raise)
    quick = "--quick" in arguments
    failed = _static_steps()
    if failed:
        print(f"\nFailed: {', '.join(failed)}")
        return 1
    if quick:
        print("\nAll steps passed; the tests were left out.")
        return 0
    print("\n=== tests", flush=True)
    began = time.monotonic()
    code = _tests([argument for argument in arguments if argument != "--quick"])
    print(f"=== tests {'passed' if code == 0 else 'FAILED'} in {time.monotonic() - began:.0f} s")
    return code


def _tests(arguments: list[str]) -> int:
    """Run the full suite, or what the arguments choose of it; return 0 when all passed."""
    if arguments:
        return suite.main(["--all", *COVERAGE, *arguments])
    command = [sys.executable, "-P", str(ROOT / "scripts/local/__main__.py"), "test", "--all", *WAITING]
    with tempfile.TemporaryFile() as said:
        tie = processes.die_with_parent(signal.SIGTERM)
        waiting = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, preexec_fn=tie)
        ours = signal.getsignal(signal.SIGTERM)
        try:
            code = suite.main(["--all", *WORKING, *COVERAGE])
            signal.signal(signal.SIGTERM, ours)  # since its clean-up the suite ignores it, and we wait on
            other = waiting.wait()
        finally:
            if waiting.poll() is None:
                waiting.terminate()
                waiting.wait()
        sys.stdout.flush()
        said.seek(0)
        shutil.copyfileobj(said, sys.stdout.buffer)
        sys.stdout.flush()
    return code or other


def _raise(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


def _static_steps() -> list[str]:
    """Run all steps but the tests, against a stack of their own; return the names of those that failed."""
    folder = ROOT / ".local" / "test" / f"gate-{os.getpid()}-{secrets.token_hex(3)}"
    folder.parent.mkdir(mode=0o711, parents=True, exist_ok=True)
    with _Removed(folder) as stack:
        return [name for name, step in steps.all_steps(stack) if not _passes(name, step)]


def _passes(name: str, step: steps.Step) -> bool:
    began = time.monotonic()
    print(f"=== {name} … ", end="", flush=True)
    problems = step()
    print(f"{'FAILED' if problems else 'ok'} ({time.monotonic() - began:.1f} s)", flush=True)
    if problems:
        print(problems.rstrip(), flush=True)
    return not problems


class _Removed(Stack):
    """A stack whose folders are removed when it ends. Durable, so that the start-up checks find what they want."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, durable=True)

    def stop(self) -> None:
        super().stop()
        suite.remove(self)
        processes.end_stragglers()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
