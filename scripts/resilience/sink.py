"""A mail server and a receiver of webhooks that cost next to nothing, so that a sender is what is measured.

As a process: `python -m scripts.resilience.sink --smtp FD --http FD --record FILE`. It answers yes to everything and
writes a line for each mail and request: when it came (seconds since 1970), and its Message-ID, or its webhook-id with
the path.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from scripts.local import processes
from scripts.local.environment import ROOT

MESSAGE_ID = re.compile(rb"(?im)^message-id:\s*(\S+)")
WEBHOOK_ID = re.compile(rb"(?im)^webhook-id:\s*(\S+)")
LENGTH = re.compile(rb"(?im)^content-length:\s*(\d+)")
END_OF_MAIL = b"\r\n.\r\n"
FLUSH = 0.1  # seconds

Note = Callable[[bytes], None]


class _Talk(asyncio.Protocol):
    """One connection: what has come and is not understood yet."""

    def __init__(self, note: Note) -> None:
        self.note = note
        self.rest = b""
        self.transport: asyncio.WriteTransport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.WriteTransport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.rest += data
        while answer := self.answer():
            self.transport.write(answer)

    def answer(self) -> bytes:
        """Take the next whole piece from what has come; return what is said to it, nothing if there is none."""
        raise NotImplementedError


class Mail(_Talk):
    """A conversation in SMTP."""

    in_content = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.transport.write(b"220 sink.local\r\n")

    def answer(self) -> bytes:
        if self.in_content:
            content, end, rest = self.rest.partition(END_OF_MAIL)
            if not end:
                return b""
            self.rest, self.in_content = rest, False
            found = MESSAGE_ID.search(content)
            self.note(found[1] if found else b"-")
            return b"250 OK\r\n"
        line, end, rest = self.rest.partition(b"\r\n")
        if not end:
            return b""
        self.rest = rest
        match line[:4].upper():
            case b"DATA":
                self.in_content = True
                return b"354 Go on\r\n"
            case b"EHLO":
                return b"250-sink.local\r\n250-SMTPUTF8\r\n250 8BITMIME\r\n"
            case b"QUIT":
                return b"221 Bye\r\n"
        return b"250 OK\r\n"


class Hooks(_Talk):
    """A connection of HTTP/1.1, kept alive for as long as the other side likes."""

    def answer(self) -> bytes:
        head, end, rest = self.rest.partition(b"\r\n\r\n")
        length = int(found[1]) if end and (found := LENGTH.search(head)) else 0
        if not end or len(rest) < length:
            return b""
        self.rest = rest[length:]
        found = WEBHOOK_ID.search(head)
        path = head.split(b" ", 2)[1]
        self.note((found[1] if found else b"-") + path)
        return b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"


async def serve(smtp: socket.socket, http: socket.socket, record: Path) -> None:
    """Answer until SIGTERM."""
    loop, done, lines = asyncio.get_running_loop(), asyncio.Event(), list[bytes]()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, done.set)

    def note(name: bytes) -> None:
        lines.append(b"%.6f %s\n" % (time.time(), name))

    await loop.create_server(lambda: Mail(note), sock=smtp, backlog=512)
    await loop.create_server(lambda: Hooks(note), sock=http, backlog=512)
    with record.open("ab") as file:
        while not done.is_set():
            await asyncio.sleep(FLUSH)
            file.write(b"".join(lines))
            file.flush()
            lines.clear()


class Sink:
    """The process, for the time of a block."""

    def __init__(self, record: Path, *, log: Path) -> None:
        self.record, self.log = record, log
        self.smtp, self.http = (socket.create_server(("127.0.0.1", 0), backlog=512) for _ in range(2))
        self.process: subprocess.Popen[bytes]

    @property
    def mail_port(self) -> int:
        """Return where mail is taken."""
        port: int = self.smtp.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        """Return where webhooks are taken."""
        return f"http://127.0.0.1:{self.http.getsockname()[1]}/"

    def __enter__(self) -> Self:
        descriptors = self.smtp.fileno(), self.http.fileno()
        command = [sys.executable, "-m", "scripts.resilience.sink", "--record", str(self.record.absolute())]
        command += ["--smtp", str(descriptors[0]), "--http", str(descriptors[1])]
        self.process = processes.spawn(command, log=self.log, cwd=ROOT, pass_fds=descriptors)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        processes.end(self.process, seconds=5)
        self.smtp.close()
        self.http.close()

    def arrivals(self) -> list[tuple[float, str]]:
        """Return what came, in order: (seconds since 1970, Message-ID or webhook-id with path)."""
        if not self.record.exists():
            return []
        whole = self.record.read_text().rpartition("\n")[0]
        pairs = [line.split(" ", 1) for line in whole.splitlines()]
        return [(float(at), name) for at, name in pairs]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--smtp", type=int, required=True)
    parser.add_argument("--http", type=int, required=True)
    parser.add_argument("--record", type=Path, required=True)
    chosen = parser.parse_args()
    asyncio.run(serve(socket.socket(fileno=chosen.smtp), socket.socket(fileno=chosen.http), chosen.record))


if __name__ == "__main__":
    main()
