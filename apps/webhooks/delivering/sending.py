"""One request to a receiver: to an address that was checked, over no proxy, with an end in time (contract WH6, WH9)."""

from __future__ import annotations

import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from http.client import HTTPException
from urllib.parse import quote

import urllib3
from django.utils import timezone
from urllib3.exceptions import HTTPError

from apps.common.errors import ValidationError
from apps.webhooks.addresses import NotAllowedError, Target, UnresolvedError, read_url, resolve
from apps.webhooks.delivering.connections import Connection, Connections
from apps.webhooks.delivering.watchdog import Watch
from apps.webhooks.reasons import NO_ADDRESS, TIMED_OUT, reason_of

WHOLE_SECONDS = 15.0
READ_BYTES = 16 * 1024
KEPT_BYTES = 2 * 1024
ERROR_LENGTH = 300
SAFE = "/?%:@!$&'()*+,;=-._~[]"  # of a path with its query; the rest is percent-encoded (RFC 3986)
RETRY_LATER = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)


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


def send(url: str, headers: Mapping[str, str], body: bytes, *, connections: Connections | None = None) -> Answer:
    """POST `body` and return what came of it; raises nothing. Without `connections` over one of its own."""
    if connections is None:
        with Connections() as own:
            return send(url, headers, body, connections=own)
    began = time.monotonic()
    try:
        target = resolve(read_url(url))
        with connections.watchdog.watch(max(0.1, WHOLE_SECONDS - (time.monotonic() - began))) as watch:
            answer = _posted(connections, target, headers, body, watch)
    except (ValidationError, NotAllowedError) as error:
        detail = error.errors[0].detail if isinstance(error, ValidationError) and error.errors else str(error)
        answer = Answer(error=detail[:ERROR_LENGTH], is_blocked=True)
    except UnresolvedError:
        answer = Answer(error=NO_ADDRESS)
    return replace(answer, took_ms=int((time.monotonic() - began) * 1000))


def _posted(connections: Connections, target: Target, headers: Mapping[str, str], body: bytes, watch: Watch) -> Answer:
    response = None
    connection = connections.take(target)
    try:
        if connection is not None:
            response = _asked_again(connection, target, headers, body, watch)
        if connection is None or response is None:
            connection = connections.new(target)
            response = _asked(connection, target, headers, body, watch)
        text = response.read(READ_BYTES, decode_content=False)
    except (HTTPError, HTTPException, OSError, ValueError) as error:
        code = response.status if response is not None else None
        if connection is not None:
            connection.close()
        return Answer(code, error=TIMED_OUT if watch.has_expired else reason_of(error))
    watch.let_go()
    if response.closed and connection.sock is not None and not watch.has_expired:
        connections.keep(connection)  # read to its end, and neither side closes
    else:
        response.close()
        connection.close()
    if watch.has_expired:
        return Answer(response.status, error=TIMED_OUT)
    kept = text[:KEPT_BYTES].decode(errors="replace").replace("\x00", "")
    return Answer(response.status, kept, retry_after=_retry_after(response))


def _asked(
    connection: Connection, target: Target, headers: Mapping[str, str], body: bytes, watch: Watch
) -> urllib3.HTTPResponse:
    connection.begin(target, watch, seconds=WHOLE_SECONDS)
    path = quote(target.path, safe=SAFE)
    connection.request("POST", path, body=body, headers=headers, preload_content=False, decode_content=False)
    return connection.getresponse()


def _asked_again(
    connection: Connection, target: Target, headers: Mapping[str, str], body: bytes, watch: Watch
) -> urllib3.HTTPResponse | None:
    """Return the answer over a kept connection; None when the receiver had hung up before anything was sent.

    Once something was sent, nobody knows whether the receiver took it: then this is an attempt that has failed.
    """
    try:
        return _asked(connection, target, headers, body, watch)
    except (ConnectionError, ssl.SSLError):
        if connection.has_sent or watch.has_expired:
            raise
        connection.close()
        return None


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
