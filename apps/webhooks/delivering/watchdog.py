"""An end in time for requests (contract WH6): timeouts of sockets begin anew with each byte."""

from __future__ import annotations

import math
import os
import socket
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Self


class Watch:
    """One request under way. What it holds is hung up when it has expired, and `has_expired` says so."""

    def __init__(self, watchdog: Watchdog, seconds: float) -> None:
        self._watchdog = watchdog
        self.line: socket.socket | None = None
        self.deadline = time.monotonic() + seconds
        self.has_expired = False

    def hold(self, held: socket.socket) -> None:
        """Hang this up in time. By a descriptor of its own: TLS and answers that end a connection take the first."""
        line = socket.socket(fileno=os.dup(held.fileno()))
        before = self._watchdog.exchange(self, line)
        if before is not None:
            before.close()

    def __enter__(self) -> Self:
        self._watchdog.add(self)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.let_go()

    def let_go(self) -> None:
        """Watch it no longer."""
        line = self._watchdog.remove(self)
        if line is not None:
            line.close()

    def expire(self) -> None:
        """Hang up; to be called by the watchdog, under its lock."""
        self.has_expired = True
        if self.line is not None:
            with suppress(OSError):  # the other side was quicker
                self.line.shutdown(socket.SHUT_RDWR)


class Watchdog:
    """One thread that watches all requests: a timer for each would cost as much as the request."""

    def __init__(self) -> None:
        self._watches: set[Watch] = set()
        self._changed = threading.Condition()
        self._wakes_at = math.inf
        self._is_over = False
        self._thread = threading.Thread(target=self._run, name="watchdog", daemon=True)
        self._thread.start()

    def watch(self, seconds: float) -> Watch:
        """Return what watches one request for the time of a `with` block."""
        return Watch(self, seconds)

    def add(self, watch: Watch) -> None:
        """Begin to watch."""
        with self._changed:
            self._watches.add(watch)
            if watch.deadline < self._wakes_at:
                self._changed.notify()

    def exchange(self, watch: Watch, line: socket.socket) -> socket.socket | None:
        """Let a request have another line, which is hung up at once when it has expired; return the former one."""
        with self._changed:
            before, watch.line = watch.line, line
            if watch.has_expired:
                watch.expire()
        return before

    def remove(self, watch: Watch) -> socket.socket | None:
        """Watch it no longer; return its line."""
        with self._changed:
            self._watches.discard(watch)
            line, watch.line = watch.line, None
        return line

    def close(self) -> None:
        """End the thread."""
        with self._changed:
            self._is_over = True
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        with self._changed:
            while not self._is_over:
                now = time.monotonic()
                for watch in [each for each in self._watches if each.deadline <= now]:
                    watch.expire()
                    self._watches.discard(watch)
                self._wakes_at = min((each.deadline for each in self._watches), default=math.inf)
                self._changed.wait(None if self._wakes_at == math.inf else max(0.0, self._wakes_at - now))
