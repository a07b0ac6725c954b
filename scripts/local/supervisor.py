"""Keep the parts running: start them, say when one ends, start it again, end them all."""

import contextlib
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from scripts.local import processes
from scripts.local.processes import StackError

STEADY_SECONDS = 60  # a part that ran so long starts its next delay from the beginning
LONGEST_DELAY = 30.0


@dataclass
class Part:
    """One process to keep running; `start` starts it, and may wait until it serves."""

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    log: Path
    stop_seconds: float = 10
    process: subprocess.Popen[bytes] | None = None
    started: float = 0
    delay: float = 1
    due: float = field(default=0, repr=False)  # when to start it again; 0: it runs

    def launch(self) -> None:
        self.process, self.started, self.due = self.start(), time.monotonic(), 0

    def tail(self, lines: int = 15) -> str:
        """Return the end of its log."""
        with contextlib.suppress(OSError):
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])
        return ""


class Supervisor:
    """The parts in the order they start; servers that others need come first, and end last."""

    def __init__(self, say: Callable[[str], None], changed: Callable[[dict[str, int]], None]) -> None:
        """`changed` is given the process numbers whenever they change."""
        self._say, self._changed = say, changed
        self.parts: list[Part] = []

    def add(self, part: Part) -> None:
        """Start a part, unless it is running already, and look after it from now on."""
        self.parts.append(part)
        if part.process is None:
            part.launch()
        part.started = time.monotonic()
        self._tell()

    def _tell(self) -> None:
        self._changed({part.name: part.process.pid for part in self.parts if part.process})

    def require(self, part: Part, serves: Callable[[], bool], *, seconds: float) -> None:
        """Wait until `serves`. Raises StackError with the end of its log if the part ends or is too late."""
        deadline = time.monotonic() + seconds
        while not serves():
            ended = part.process is not None and part.process.poll() is not None
            if ended or time.monotonic() > deadline:
                what = "ended at once" if ended else f"did not answer within {seconds:.0f} s"
                raise StackError(f"{part.name} {what}. The end of {part.log}:\n{part.tail()}")
            time.sleep(0.05)

    def watch(self) -> None:
        """Start parts again that end, until a signal raises. Never returns."""
        while True:
            for part in self.parts:
                self._look_after(part)
            time.sleep(0.25)

    def _look_after(self, part: Part) -> None:
        now = time.monotonic()
        if part.due:
            if now >= part.due:
                self._restart(part)
            return
        if part.process is None or part.process.poll() is None:
            return
        processes.signal_group(part.process.pid, signal.SIGKILL)  # what it left of its children
        if now - part.started > STEADY_SECONDS:
            part.delay = 1
        part.due = now + part.delay
        ending = _ending(part.process.returncode)
        self._say(f"{part.name} {ending}; starting it again in {part.delay:.0f} s. Its log: {part.log}")
        part.delay = min(part.delay * 2, LONGEST_DELAY)

    def _restart(self, part: Part) -> None:
        try:
            part.launch()
        except StackError as error:
            part.due = time.monotonic() + part.delay
            self._say(f"{part.name} did not start: {error}")
            return
        self._tell()  # first: whoever reads that it runs again finds its number
        self._say(f"{part.name} runs again")

    def kill(self) -> None:
        """End the parts that hold no data, at once: for the impatient."""
        for part in self.parts:
            if part.process and part.name not in ("Postgres", "Valkey"):
                processes.signal_group(part.process.pid, signal.SIGKILL)

    def stop(self) -> None:
        """Ask all parts but the data servers to end, together, then wait for each."""
        stopping = [part for part in self.parts if part.process and part.name not in ("Postgres", "Valkey")]
        for part in stopping:
            with contextlib.suppress(ProcessLookupError):
                if part.process and part.process.poll() is None and part.name != "mail":
                    part.process.terminate()
        for part in sorted(stopping, key=lambda part: part.name == "mail"):  # the worker may be sending
            if part.process:
                processes.end(part.process, seconds=part.stop_seconds)
                part.process = None


def _ending(code: int) -> str:
    return f"was killed by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
