"""Who has live streams open during a long run, and what they have not heard."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from scripts.resilience.listeners import Listener, read_until

RETRY = 3.0  # seconds that a client waits before it comes back, as the stream asks it to


@dataclass(eq=False)
class Seat:
    """A stream that is opened again when it ends, and the newest number of the project that it heard."""

    listener: Listener
    heard: int = 0
    opened: int = 0

    def is_due(self) -> bool:
        """Return whether it is to be opened now, for the first time or again."""
        ended_at = self.listener.ended_at
        return not self.listener.is_open and (ended_at is None or time.monotonic() >= ended_at + RETRY)

    def take(self, project: int) -> None:
        """Look through what was read. Only the first greeting counts: later, changes say what was missed meanwhile."""
        for event in self.listener.heard:
            counts = event.name == "change" or (event.name == "hello" and self.opened == 1)
            if counts and event.names(project):
                self.heard = max(self.heard, event.data["projects"][str(project)])
        self.listener.heard.clear()


@dataclass
class Audience:
    """Streams of a project, read in a thread until `close`."""

    port: int
    project: int
    seats: list[Seat]
    over: threading.Event = field(default_factory=threading.Event)
    refused: int = 0
    thread: threading.Thread | None = None

    def start(self) -> None:
        """Open all and begin to read."""
        self.thread = threading.Thread(target=self._listen, daemon=True)
        self.thread.start()

    def close(self) -> None:
        """End all."""
        self.over.set()
        if self.thread is not None:
            self.thread.join()
        for seat in self.seats:
            seat.listener.close()

    def behind(self, number: int) -> int:
        """Return how many have not heard of this number of the project, or of a later one."""
        return sum(seat.heard < number for seat in self.seats)

    def reopened(self) -> int:
        """Return how often a stream came back."""
        return sum(seat.opened - 1 for seat in self.seats)

    def _listen(self) -> None:
        while not self.over.is_set():
            for seat in self.seats:
                if seat.is_due():
                    self._open(seat)
            read_until([seat.listener for seat in self.seats], seconds=0.5)
            for seat in self.seats:
                seat.take(self.project)
            if not any(seat.listener.is_open for seat in self.seats):
                self.over.wait(0.2)

    def _open(self, seat: Seat) -> None:
        try:
            seat.listener.open(self.port)
            seat.opened += 1
        except OSError:
            self.refused += 1
            seat.listener.ended_at = time.monotonic()
