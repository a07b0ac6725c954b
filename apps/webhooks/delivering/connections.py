"""Connections to receivers: each goes to an address that was checked, and is kept for what goes there next (WH9)."""

from __future__ import annotations

import math
import socket
import ssl
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from functools import cached_property
from types import TracebackType
from typing import Any, Self, TypeAlias

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util.ssl_ import create_urllib3_context

from apps.webhooks.addresses import Target
from apps.webhooks.delivering.watchdog import Watch, Watchdog

CONNECT_SECONDS = 3.0
IDLE_SECONDS = 1.0  # receivers hang up after some, and a request that meets this has failed
CERTIFICATES = "CERT_REQUIRED"

_Key: TypeAlias = tuple[str, str, int, frozenset[Any]]


class _Checked:
    """Makes a connection of urllib3 go to the addresses of a target, never to what its name leads to now."""

    target: Target
    watch: Watch
    timeout: Any
    sock: Any
    has_sent = False  # anything of the present request

    def send(self: Any, data: Any) -> None:
        super().send(data)  # type: ignore[misc]
        self.has_sent = True

    def _new_conn(self: Any) -> socket.socket:
        made: socket.socket = self._connected()
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # a kept one would wait between head and body
        self.watch.hold(made)
        return made

    def _connected(self: Any) -> socket.socket:
        deadline, error = time.monotonic() + CONNECT_SECONDS, OSError("no address")
        for address in self.target.addresses:
            if (left := deadline - time.monotonic()) <= 0:
                break
            try:
                return socket.create_connection((str(address), self.target.port), timeout=left)
            except OSError as failed:
                error = failed
        raise urllib3.exceptions.NewConnectionError(self, f"no connection: {error}") from error

    def begin(self, target: Target, watch: Watch, *, seconds: float) -> None:
        """Be used for one request to a target that has just been checked; each step lasts `seconds` at most."""
        self.target, self.watch = target, watch
        self.timeout, self.has_sent = seconds, False
        if self.sock is not None:
            watch.hold(self.sock)


class CheckedHTTP(_Checked, HTTPConnection):
    """Over http."""


class CheckedHTTPS(_Checked, HTTPSConnection):
    """Over https: the certificate is that of the name, whatever the address."""


Connection: TypeAlias = CheckedHTTP | CheckedHTTPS


class Connections:
    """Those of one run, for several threads.

    A kept one is used again only within IDLE_SECONDS, and only for the same name whose addresses were looked up and
    checked just now, and are those among which it was made.
    """

    def __init__(self) -> None:
        self.watchdog = Watchdog()
        self._kept: dict[_Key, list[tuple[float, Connection]]] = {}
        self._looked_through_at = time.monotonic()
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            over = self._idle_since(math.inf)
        _close(over)
        self.watchdog.close()

    def take(self, target: Target) -> Connection | None:
        """Return a kept connection to a target that has just been checked, None when there is none."""
        while True:
            with self._lock:
                kept = self._kept.get(_key(target))
                since, found = kept.pop() if kept else (0.0, None)
            if found is None or (found.is_connected and time.monotonic() - since < IDLE_SECONDS):
                return found
            _close([found])  # the receiver has hung up meanwhile, or is about to

    def keep(self, connection: Connection) -> None:
        """Keep a connection whose answer was read to its end."""
        now, over = time.monotonic(), []
        with self._lock:
            self._kept.setdefault(_key(connection.target), []).append((now, connection))
            if now - self._looked_through_at > IDLE_SECONDS:
                self._looked_through_at, over = now, self._idle_since(now - IDLE_SECONDS)
        _close(over)

    def _idle_since(self, moment: float) -> list[Connection]:
        """Take out those that were used last before a moment."""
        kept, self._kept = self._kept, {}
        for key, those in kept.items():
            if still := [each for each in those if each[0] >= moment]:
                self._kept[key] = still
        return [connection for those in kept.values() for since, connection in those if since < moment]

    def new(self, target: Target) -> Connection:
        """Return a new connection, which is opened by its first request."""
        if target.scheme == "http":
            return CheckedHTTP(target.host, target.port)
        return CheckedHTTPS(target.host, target.port, cert_reqs=CERTIFICATES, ssl_context=self._context)

    @cached_property
    def _context(self) -> ssl.SSLContext:
        """What TLS trusts: read once, since that takes longer than a request."""
        context = create_urllib3_context(cert_reqs=ssl.CERT_REQUIRED)
        context.load_default_certs()
        return context


def _key(target: Target) -> _Key:
    return target.scheme, target.host, target.port, frozenset(target.addresses)


def _close(connections: Iterable[Connection]) -> None:
    for connection in connections:
        with suppress(OSError):
            connection.close()
