"""An SMTP server that delivers nothing: every mail becomes a file. Tests can make it misbehave.

As a process: `python -m scripts.local.mailcatcher --fd N --folder F --record R --control C`. From Python:

    catcher = MailCatcher(folder)
    catcher.start()
    catcher.behave("450", recipient="bob@")   # see Behaviour
    catcher.accepted()                        # what was answered with 250, in order
    catcher.stop()                            # down: connections are refused until start()
"""

import argparse
import asyncio
import json
import logging
import os
import re
import signal
import socket
import subprocess
import sys
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from scripts.local import processes

ROOT = Path(__file__).resolve().parents[2]
MODES = ("ok", "hang", "421", "450", "550", "drop", "drop-kept")


@dataclass(frozen=True)
class Behaviour:
    """How the server treats mail, or only mail to recipients that contain `recipient`.

    ok · hang: never says a word · 421: turns callers away · 450, 550: rejects the recipient for now, for
    good · drop: reads the mail, keeps nothing and hangs up · drop-kept: keeps it, and hangs up unanswered.
    hang and 421 concern the connection, so `recipient` does not narrow them.
    """

    mode: str = "ok"
    recipient: str = ""

    def concerns(self, *recipients: str) -> bool:
        return any(self.recipient in address for address in recipients)


@dataclass(frozen=True)
class Accepted:
    """One mail that the server took over; `answered` is false for drop-kept."""

    message_id: str
    sender: str
    recipients: list[str]
    file: str
    at: str
    answered: bool


class Control:
    """The behaviour asked for in the control file, read again whenever the file changes."""

    def __init__(self, path: Path) -> None:
        self._path, self._mark, self._behaviour = path, (0, 0), Behaviour()

    def behaviour(self) -> Behaviour:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return Behaviour()
        if (found.st_mtime_ns, found.st_ino) != self._mark:
            self._mark = (found.st_mtime_ns, found.st_ino)
            self._behaviour = Behaviour(**json.loads(self._path.read_text()))
        return self._behaviour


class Handler:
    """What aiosmtpd calls for each step of a conversation."""

    def __init__(self, folder: Path, record: Path, control: Control) -> None:
        self.folder, self.control = folder, control
        self._count = 0
        # Unbuffered: what was written here survives a kill -9 of this process.
        self._record = os.open(record, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    async def handle_RCPT(  # noqa: N802
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        behaviour = self.control.behaviour()
        if behaviour.mode == "450" and behaviour.concerns(address):
            return "450 4.2.1 Mailbox busy, try again"
        if behaviour.mode == "550" and behaviour.concerns(address):
            return "550 5.1.1 No such mailbox"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        behaviour = self.control.behaviour()
        dropped = behaviour.mode.startswith("drop") and behaviour.concerns(*envelope.rcpt_tos)
        if not dropped or behaviour.mode == "drop-kept":
            self._keep(envelope, answered=not dropped)
        if dropped and isinstance(server.transport, asyncio.Transport):
            server.transport.abort()
        return "250 OK"

    def _keep(self, envelope: Envelope, *, answered: bool) -> None:
        content = envelope.original_content or b""
        now = datetime.now(UTC)
        self._count += 1
        name = f"{now:%Y%m%dT%H%M%S.%fZ}-{self._count:06d}-{_file_safe(envelope.rcpt_tos[0])}.eml"
        unfinished = self.folder / f"{name}.part"  # by another ending: who looks for mails sees whole ones only
        unfinished.write_bytes(content)
        unfinished.rename(self.folder / name)
        line = Accepted(
            message_id=_message_id(content),
            sender=envelope.mail_from or "",
            recipients=envelope.rcpt_tos,
            file=name,
            at=now.isoformat(),
            answered=answered,
        )
        os.write(self._record, json.dumps(asdict(line)).encode() + b"\n")


def _file_safe(address: str) -> str:
    return re.sub(r"[^A-Za-z0-9@._+-]", "_", address)[:120].lstrip(".")


def _message_id(content: bytes) -> str:
    head = re.split(rb"\r?\n\r?\n", content, maxsplit=1)[0]
    found = re.search(rb"(?im)^message-id:\s*(\S+)", head)
    return found[1].decode(errors="replace") if found else ""


class Conversation(SMTP):
    """One connection. Asks the control file once, before the first word."""

    line_length_limit = 2**26  # bytes; here the most that a mail may have, since it is read in one piece

    async def smtp_DATA(self, _arg: str | None) -> None:  # noqa: N802
        """Read the mail in one piece: line by line, as the library does it, takes half of the time."""
        if self.envelope is None or not self.envelope.rcpt_tos:
            await self.push("503 Error: need RCPT command")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        content = b"\r\n"
        while not content.endswith(b"\r\n.\r\n"):
            content += await self._reader.readuntil(b".\r\n")
        self.envelope.original_content = content[2:-3].replace(b"\r\n.", b"\r\n")
        status = await self._call_handler_hook("DATA")
        self.envelope = self._create_envelope()
        await self.push(status)

    async def _handle_client(self) -> None:
        handler: Handler = self.event_handler
        mode = handler.control.behaviour().mode
        if mode == "hang":
            await asyncio.sleep(3600)
        if mode == "421":
            await self.push("421 4.3.2 Come back later")
            if self.transport is not None:
                self.transport.close()
            return
        await super()._handle_client()


async def serve(listener: socket.socket, handler: Handler) -> None:
    """Take mail on `listener` until SIGTERM."""
    loop = asyncio.get_running_loop()
    done = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, done.set)

    def conversation() -> Conversation:
        return Conversation(handler, enable_SMTPUTF8=True, hostname="mail.local", loop=loop)

    server = await loop.create_server(conversation, sock=listener, backlog=512)
    await done.wait()
    server.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--fd", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--record", type=Path, required=True)
    parser.add_argument("--control", type=Path, required=True)
    chosen = parser.parse_args()
    logging.getLogger("mail.log").setLevel(logging.ERROR)  # the library's own logger
    handler = Handler(chosen.folder, chosen.record, Control(chosen.control))
    asyncio.run(serve(socket.socket(fileno=chosen.fd), handler))


class MailCatcher:
    """The server as a process of its own. Mails lie in `folder`, what was accepted in `record`.

    `keep_port=True` leaves the port open while the process is away: callers wait instead of being rejected.
    """

    def __init__(self, folder: Path, *, log: Path, state: Path, keep_port: bool = False) -> None:
        self.folder, self.log, self.keep_port = folder, log, keep_port
        self.record, self.control = state / "mail-accepted.jsonl", state / "mail-control.json"
        self.port = 0
        self.process: subprocess.Popen[bytes] | None = None
        self._listener: socket.socket | None = None

    def env(self) -> dict[str, str]:
        """Return the variables that lead the settings to this server."""
        return {"EMAIL_HOST": "127.0.0.1", "EMAIL_PORT": str(self.port)}

    def open_port(self) -> None:
        """Listen on a free port, the same one again after a stop; callers wait until start()."""
        if self._listener is None:
            self._listener = socket.create_server(("127.0.0.1", self.port), backlog=512)
            self.port = self._listener.getsockname()[1]

    def start(self) -> subprocess.Popen[bytes]:
        """Start the server; mail is taken from now on."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.open_port()
        assert self._listener is not None
        command = [sys.executable, "-m", "scripts.local.mailcatcher", "--fd", str(self._listener.fileno())]
        for name, path in (("folder", self.folder), ("record", self.record), ("control", self.control)):
            command += [f"--{name}", str(path.absolute())]
        self.process = processes.spawn(command, log=self.log, cwd=ROOT, pass_fds=[self._listener.fileno()])
        if not self.keep_port:
            self.close_port()
        return self.process

    def behave(self, mode: str = "ok", *, recipient: str = "") -> None:
        """Change the behaviour from the next connection or recipient on."""
        if mode not in MODES:
            raise ValueError(f"{mode} is none of {', '.join(MODES)}")
        temporary = self.control.with_suffix(".new")
        temporary.write_text(json.dumps(asdict(Behaviour(mode, recipient))))
        temporary.replace(self.control)

    def accepted(self) -> list[Accepted]:
        """Return every mail ever taken over, in order."""
        try:
            lines = self.record.read_text().splitlines()
        except FileNotFoundError:
            return []
        return [Accepted(**json.loads(line)) for line in lines]

    def stop(self) -> None:
        """End the server; unless `keep_port`, connections are refused from now on."""
        if self.process is not None:
            processes.end(self.process, seconds=5)
            self.process = None
        if not self.keep_port:
            self.close_port()

    def close_port(self) -> None:
        """Give the port up: connections are refused."""
        if self._listener is not None:
            self._listener.close()
            self._listener = None


if __name__ == "__main__":
    main()
