"""Clients of the live stream, by the thousand: plain sockets that the kernel fills until somebody reads them."""

from __future__ import annotations

import json
import re
import selectors
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

HOST = "127.0.0.1"
AT_ONCE = 40  # streams that are being opened
PATIENCE = 120.0  # seconds
EVENT = re.compile(rb"(?:id: (?P<id>\S+)\n)?event: (?P<name>\w+)\ndata: (?P<data>.*)\n\n")


@dataclass(frozen=True)
class Event:
    """One event, and the time of `time.monotonic` at which it was read."""

    at: float
    name: str
    data: dict[str, Any]

    def names(self, project: int) -> bool:
        """Return whether it says something about the project."""
        return str(project) in self.data.get("projects", {})


@dataclass(eq=False)
class Listener:
    """One stream: whose it is, and what it heard."""

    token: str
    last_id: str = ""
    heard: list[Event] = field(default_factory=list)
    ended_at: float | None = None
    answer: bytes = b""
    _socket: socket.socket | None = None
    _rest: bytes = b""

    def open(self, port: int) -> None:
        """Connect and ask; `read` takes the answer."""
        self._rest, self.answer, self.ended_at = b"", b"", None
        self._socket = socket.create_connection((HOST, port), timeout=30)
        last = f"Last-Event-ID: {self.last_id}\r\n" if self.last_id else ""
        # 1.0: an answer without frames, which ends with its connection
        head = f"GET /api/events/stream/ HTTP/1.0\r\nHost: {HOST}\r\nAuthorization: Bearer {self.token}\r\n{last}\r\n"
        self._socket.sendall(head.encode())
        self._socket.setblocking(False)

    def close(self) -> None:
        """End it."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    @property
    def is_open(self) -> bool:
        """Return whether the connection stands."""
        return self._socket is not None

    def fileno(self) -> int:
        """Return the number by which a selector knows it."""
        assert self._socket is not None
        return self._socket.fileno()

    def read(self) -> None:
        """Take what has arrived."""
        now = time.monotonic()
        while self._socket is not None:
            try:
                part = self._socket.recv(65_536)
            except BlockingIOError:
                break
            except OSError:
                part = b""
            if not part:
                self.ended_at = now
                self.close()
            self._rest += part
            self.answer = (self.answer + part)[:2_000]
        end = 0
        for found in EVENT.finditer(self._rest):
            end = found.end()
            self.last_id = (found["id"] or self.last_id.encode()).decode()
            self.heard.append(Event(now, found["name"].decode(), json.loads(found["data"])))
        self._rest = self._rest[end:]

    def heard_since(self, moment: float, project: int) -> float | None:
        """Return when it first heard of the project after the moment; None if it has not."""
        return next((event.at for event in self.heard if event.at >= moment and event.names(project)), None)


def open_all(listeners: Sequence[Listener], port: int) -> float:
    """Open all, AT_ONCE at a time, until each was greeted; return the seconds. AssertionError when one is rejected."""
    began = time.monotonic()
    for first in range(0, len(listeners), AT_ONCE):
        part = listeners[first : first + AT_ONCE]
        for listener in part:
            listener.heard.clear()
            listener.open(port)
        read_until(part, lambda listener: bool(listener.heard) or not listener.is_open)
        rejected = [listener.answer for listener in part if not listener.heard]
        assert not rejected, f"{len(rejected)} of streams {first}…: {rejected[0]!r}"
    return time.monotonic() - began


def read_until(
    listeners: Sequence[Listener], is_done: Callable[[Listener], bool] = lambda _: False, seconds: float = PATIENCE
) -> bool:
    """Read all until each is done, or the seconds are over; return whether all are done."""
    deadline = time.monotonic() + seconds
    waiting = {listener for listener in listeners if listener.is_open and not is_done(listener)}
    with selectors.DefaultSelector() as selector:
        for listener in waiting:
            selector.register(listener, selectors.EVENT_READ, listener)
        while waiting and (left := deadline - time.monotonic()) > 0:
            for key, _ in selector.select(left):
                ready: Listener = key.data
                ready.read()
                if not ready.is_open or is_done(ready):
                    waiting.discard(ready)
                    selector.unregister(key.fd)
    return all(is_done(listener) for listener in listeners)


def close_all(listeners: Sequence[Listener]) -> None:
    """End all."""
    for listener in listeners:
        listener.close()
