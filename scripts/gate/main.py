"""Run every step of the gate, say how long each took, and end with the full test suite."""

import os
import secrets
import signal
import sys
import time
from pathlib import Path

from scripts.gate import steps
from scripts.local import environment, processes, pytest_options, suite
from scripts.local.stack import Stack

COVERAGE = ["--cov", "--cov-report=term-missing:skip-covered", "--cov-fail-under=95"]


def main(arguments: list[str]) -> int:
    """Return 0 when everything passed. `--quick` leaves the tests out; other arguments go to pytest."""
    signal.signal(signal.SIGTERM, _raise)
    quick = "--quick" in arguments
    arguments = [argument for argument in arguments if argument != "--quick"]
    if wrong := pytest_options.unknown(arguments):
        print(wrong, file=sys.stderr)
        return 2
    failed = _static_steps()
    if failed:
        print(f"\nFailed: {', '.join(failed)}")
        return 1
    if quick:
        print("\nAll steps passed; the tests were left out.")
        return 0
    print("\n=== tests", flush=True)
    began = time.monotonic()
    code = _tests(arguments)
    print(f"=== tests {'passed' if code == 0 else 'FAILED'} in {time.monotonic() - began:.0f} s")
    return code


def _tests(arguments: list[str]) -> int:
    """Run the full suite, or what the arguments choose of it; return 0 when all passed."""
    if arguments:
        return suite.run([*COVERAGE, *arguments], everything=True)
    return suite.in_shares(everything=True, first=COVERAGE)


def _raise(number: int, _frame: object) -> None:
    raise SystemExit(128 + number)


def _static_steps() -> list[str]:
    """Run all steps but the tests, against a stack of their own; return the names of those that failed."""
    folder = environment.home() / "test" / f"gate-{os.getpid()}-{secrets.token_hex(3)}"
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
