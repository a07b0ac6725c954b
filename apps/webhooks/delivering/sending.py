"""One request to a receiver: to an address that was checked, over no proxy, with an end in time (contract WH6, WH9)."""

from __future__ import annotations

import functools
import socket
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any, Self

import urllib3
from django.utils import timezone
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

from apps.common.errors import ValidationError
from apps.webhooks.addresses import NotAllowedError, Target, UnresolvedError, read_url, resolve

CONNECT_SECONDS = 3.0
WHOLE_SECONDS = 15.0
READ_BYTES = 16 * 1024
KEPT_BYTES = 2 * 1024
ERROR_LENGTH = 300
RETRY_LATER = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
_TIMED_OUT = f"The answer was not complete after {WHOLE_SECONDS:.0f} s."


@dataclass(frozen=True)
class Answer:
    """What became of a request. `code` is None without an answer; `retry_after` is in seconds."""

    code: int | None = None
    body: str = ""
    error: str = ""
    retry_after: float | None = None
    is_blocked: bool = False
    took_ms: int = 0

    @property
    def is_success(self) -> bool:
        """Return whether the receiver took it: a 2xx, wholly read in time."""
        return self.code is not None and 200 <= self.code < 300 and not self.error


class _Watchdog:
    """Hangs up when the time is over: timeouts of sockets begin anew with each byte."""

    def __init__(self, seconds: float) -> None:
        self.socket: socket.socket | None = None
        self.has_barked = False
        self._timer = threading.Timer(seconds, self._bark)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def _bark(self) -> None:
        self.has_barked = True
        if self.socket is not None:
            with suppress(OSError):  # closed a moment ago
                socket.socket.shutdown(self.socket, socket.SHUT_RDWR)  # TLS's own would say goodbye first


class _Checked:
    """Makes a connection of urllib3 go to the addresses of a target, never to what its name leads to now."""

    def __init__(self, *args: Any, target: Target, watchdog: _Watchdog, **options: Any) -> None:
        super().__init__(*args, **options)
        self.target, self.watchdog = target, watchdog

    def connect(self: Any) -> None:
        super().connect()  # type: ignore[misc]
        self.watchdog.socket = self.sock

    def _new_conn(self: Any) -> socket.socket:
        deadline, error = time.monotonic() + CONNECT_SECONDS, OSError("no address")
        for address in self.target.addresses:
            if (left := deadline - time.monotonic()) <= 0:
                break
            try:
                return socket.create_connection((str(address), self.target.port), timeout=left)
            except OSError as failed:
                error = failed
        raise urllib3.exceptions.NewConnectionError(self, f"no connection: {error}") from error


class _CheckedHTTP(_Checked, HTTPConnection):
    """Over http."""


class _CheckedHTTPS(_Checked, HTTPSConnection):
    """Over https: the certificate is that of the name, whatever the address."""


def send(url: str, headers: Mapping[str, str], body: bytes) -> Answer:
    """POST `body` and return what came of it; raises nothing."""
    began = time.monotonic()
    try:
        target = resolve(read_url(url))
        answer = _posted(target, headers, body, seconds=max(0.1, WHOLE_SECONDS - (time.monotonic() - began)))
    except (ValidationError, NotAllowedError) as error:
        detail = error.errors[0].detail if isinstance(error, ValidationError) and error.errors else str(error)
        answer = Answer(error=detail[:ERROR_LENGTH], is_blocked=True)
    except UnresolvedError as error:
        answer = Answer(error=str(error)[:ERROR_LENGTH])
    took = int((time.monotonic() - began) * 1000)
    return Answer(answer.code, answer.body, answer.error, answer.retry_after, answer.is_blocked, took)


def _posted(target: Target, headers: Mapping[str, str], body: bytes, *, seconds: float) -> Answer:
    watchdog = _Watchdog(seconds)
    pool = _pool(target, watchdog)
    response = None
    try:
        with watchdog:
            response = pool.urlopen(
                "POST", target.path, body=body, headers=dict(headers), retries=False, redirect=False,
                assert_same_host=False, preload_content=False,
                timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=WHOLE_SECONDS),
            )  # fmt: skip
            text = response.read(READ_BYTES, decode_content=False)
    except (HTTPError, OSError, ValueError) as error:
        code = response.status if response is not None else None
        return Answer(code, error=_TIMED_OUT if watchdog.has_barked else _reason(error))
    finally:
        pool.close()
    if watchdog.has_barked:
        return Answer(response.status, error=_TIMED_OUT)
    kept = text[:KEPT_BYTES].decode(errors="replace").replace("\x00", "")
    return Answer(response.status, kept, retry_after=_retry_after(response))


def _pool(target: Target, watchdog: _Watchdog) -> HTTPConnectionPool:
    pool: HTTPConnectionPool
    if target.scheme == "https":
        pool = HTTPSConnectionPool(target.host, target.port, maxsize=1, cert_reqs="CERT_REQUIRED")
        pool.ConnectionCls = functools.partial(_CheckedHTTPS, target=target, watchdog=watchdog)  # type: ignore[assignment]
    else:
        pool = HTTPConnectionPool(target.host, target.port, maxsize=1)
        pool.ConnectionCls = functools.partial(_CheckedHTTP, target=target, watchdog=watchdog)  # type: ignore[assignment]
    return pool


def _reason(error: Exception) -> str:
    """Return in a line why there is no answer; the words of urllib3 name objects of Python's."""
    text = str(error.args[-1] if isinstance(error, HTTPError) and error.args else error)
    return " ".join(f"{type(error).__name__}: {text}".split())[:ERROR_LENGTH].replace("\x00", "")


def _retry_after(response: urllib3.BaseHTTPResponse) -> float | None:
    """Return the seconds that a 429 or 503 asks to wait (RFC 9110 §10.2.3); None for any other answer."""
    value = response.headers.get("Retry-After", "").strip()
    if response.status not in RETRY_LATER or not value:
        return None
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        return max(0.0, (parsedate_to_datetime(value) - timezone.now()).total_seconds())
    except (TypeError, ValueError):
        return None
