"""Passes connections of the live stream on to its process, in set-ups without a proxy (STREAM_FORWARD)."""

from __future__ import annotations

import asyncio
import os
import re
import socket
import threading
from contextlib import suppress
from typing import Any

from gunicorn.workers.gthread import DEFAULT_WORKER_DATA_TIMEOUT, ThreadWorker

# Everything but GET, and any other spelling of the path, is answered by the web process as elsewhere.
REQUEST = re.compile(rb"GET (?:/[^ ?]*)?/events/stream/[ ?]")
LOOK = 512  # bytes of a request that are looked at; both paths are far shorter
PART = 16_384  # bytes read at once


def address_of(text: str) -> tuple[str, int]:
    """Return host and port of `host:port`; ValueError for anything else."""
    host, colon, port = text.rpartition(":")
    if not (host and colon and port.isdigit()):
        raise ValueError(f"STREAM_FORWARD is host:port, not {text!r}.")
    return host.strip("[]"), int(port)


class Forwarder:
    """Copies bytes between clients and the stream process, in one thread however many connections there are."""

    def __init__(self, host: str, port: int) -> None:
        self._address = host, port
        self._loop: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()

    def connect(self) -> socket.socket | None:
        """Return a connection to the stream process, or None where there is no such process."""
        with suppress(OSError):
            return socket.create_connection(self._address, timeout=1)
        return None

    def join(self, client: socket.socket, server: socket.socket) -> None:
        """Copy in both directions until one side closes; both sockets are closed then."""
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=self._loop.run_forever, name="forwarder", daemon=True).start()
        asyncio.run_coroutine_threadsafe(_join(client, server), self._loop)


class ForwardingWorker(ThreadWorker):
    """A web worker that keeps no thread for a stream: it passes the connection on, with its request unread."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.forwarder = Forwarder(*address_of(os.environ["STREAM_FORWARD"]))

    def handle(self, conn: Any) -> Any:
        """Pass on what asks for a stream. Without a stream process the application says that there is none."""
        if not conn.initialized:
            conn.wait_for_data(DEFAULT_WORKER_DATA_TIMEOUT)
        if asks_for_stream(conn.sock) and (server := self.forwarder.connect()):
            client, conn.sock = conn.sock, socket.socket()  # gunicorn closes the empty one
            self.forwarder.join(client, server)
            return False
        return super().handle(conn)


def asks_for_stream(client: socket.socket) -> bool:
    """Return whether the next request on the connection asks for a stream; nothing is taken from it."""
    client.setblocking(False)
    with suppress(OSError):
        return REQUEST.match(client.recv(LOOK, socket.MSG_PEEK)) is not None
    return False


async def _join(client: socket.socket, server: socket.socket) -> None:
    for one in (client, server):
        one.setblocking(False)
    copies = {asyncio.create_task(_copy(client, server)), asyncio.create_task(_copy(server, client))}
    _, others = await asyncio.wait(copies, return_when=asyncio.FIRST_COMPLETED)
    for other in others:
        other.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    for one in (client, server):
        one.close()


async def _copy(source: socket.socket, target: socket.socket) -> None:
    loop = asyncio.get_running_loop()
    with suppress(OSError):
        while part := await loop.sock_recv(source, PART):
            await loop.sock_sendall(target, part)
