"""Rolling restarts as docs/operations.md has them, while people work."""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from scripts.local import processes
from scripts.local.processes import StackError
from scripts.resilience.installation import PRESENT, Installation

PATIENCE = 120  # seconds for new processes to be there and old ones gone


@dataclass
class Restarts:
    """Takes the parts in turn, each in the way of an upgrade; `own` are the variables that a part has for itself."""

    installation: Installation
    own: Mapping[str, Mapping[str, str]]
    count: int = 0

    def start(self, name: str) -> None:
        """Start a part for the first time, or anew."""
        own = self.own.get(name.partition("-")[0], {})
        self.installation.start(name, code=PRESENT, **own)

    def round(self) -> None:
        """Restart everything once."""
        self.count += 1
        self.hand_over()
        self.reload("stream")
        for name in ("worker", "beat"):
            _say(f"restart {name}")
            self.installation.end(name)
            self.start(name)

    def hand_over(self) -> None:
        """Let a new web process answer before the one that serves is ended."""
        former, present = f"web-{self.count - 1}", f"web-{self.count}"
        _say(f"{present} takes over")
        self.start(present)
        self.installation.wait_until_serving(present)
        self.installation.end(former)

    def reload(self, name: str) -> None:
        """Send SIGHUP to the master, and wait until other processes have taken over from all of its children."""
        _say(f"reload {name}")
        master = self.installation.processes[name]
        before = set(processes.children(master.pid))
        master.send_signal(signal.SIGHUP)

        def is_done() -> bool:
            now = set(processes.children(master.pid))
            return bool(now) and not now & before

        if not processes.wait_until(is_done, seconds=PATIENCE, pause=0.2):
            raise StackError(f"{name} was not reloaded:\n{self.installation.log(name).read_text()[-3000:]}")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
