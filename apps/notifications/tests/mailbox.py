"""A mail server in a thread of the test's process: what it took, and how it should misbehave."""

from __future__ import annotations

import asyncio
import email
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session
from django.test import override_settings

logging.getLogger("mail.log").setLevel(logging.ERROR)  # the library's own, a line per command


class Mailbox:
    """Speaks real SMTP on a free port. `answers` maps a step (HELO, MAIL, RCPT, DATA) to a list of answers to give.

    The answer None hangs up, `keep` before it takes the mail without a word. `always` maps a step to
    what it answers until the test takes that away.
    """

    def __init__(self) -> None:
        self.raw: list[bytes] = []
        self.envelopes: list[tuple[str, list[str]]] = []
        self.answers: dict[str, list[str | None]] = {"RCPT": [], "DATA": [], "CONNECT": [], "MAIL": []}
        self.always: dict[str, str] = {}
        self.greeted_as: list[str] = []
        self.connections = 0
        self.port = 0
        self.before_data: Any = None  # called in the server's thread when RCPT has been answered

    @property
    def mails(self) -> list[EmailMessage]:
        return [email.message_from_bytes(raw, policy=default) for raw in self.raw]  # type: ignore[misc]

    def _next(self, step: str) -> str | None:
        return self.answers[step].pop(0) if self.answers[step] else self.always.get(step, "250 OK")

    async def handle_EHLO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        self.greeted_as.append(hostname)
        if rejected := self.always.get("HELO"):
            return [rejected]
        session.host_name = hostname
        return responses

    async def handle_HELO(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str
    ) -> str:
        if rejected := self.always.get("HELO"):
            return rejected
        session.host_name = hostname
        return f"250 {server.hostname}"

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self._next("MAIL") or "451 4.3.0 later"
        if answer.startswith("250"):
            envelope.mail_from = address
        return answer

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        answer = self._next("RCPT")
        if answer is None:
            server.transport.abort()
            return "250 OK"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        if self.before_data:
            await asyncio.to_thread(self.before_data)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        answer = self._next("DATA")
        if answer == "keep":
            answer = None
            self._keep(envelope)
        if answer is None:
            server.transport.abort()
            return "250 OK"
        if answer.startswith("250"):
            self._keep(envelope)
        return answer

    def _keep(self, envelope: Envelope) -> None:
        self.raw.append(envelope.original_content or b"")
        self.envelopes.append((envelope.mail_from or "", list(envelope.rcpt_tos)))

    def conversation(self) -> SMTP:
        self.connections += 1
        return Conversation(self, enable_SMTPUTF8=True, hostname="mail.test", loop=asyncio.get_running_loop())


class Conversation(SMTP):
    """Turns the caller away when the mailbox says so."""

    async def _handle_client(self) -> None:
        answer = self.event_handler._next("CONNECT")
        if not answer.startswith("250"):
            await self.push(f"{answer} 4.3.2 come back later")
            self.transport.close()
            return
        await super()._handle_client()


@contextmanager
def serving(mailbox: Mailbox) -> Iterator[Mailbox]:
    """Let the settings lead to `mailbox` for the time of the block."""
    ready, loop = threading.Event(), asyncio.new_event_loop()
    stopped: asyncio.Future[None] = loop.create_future()

    async def serve() -> None:
        server = await loop.create_server(mailbox.conversation, "127.0.0.1", mailbox.port)
        mailbox.port = server.sockets[0].getsockname()[1]
        ready.set()
        await stopped
        server.close()

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()))
    thread.start()
    ready.wait(60)
    try:
        with override_settings(EMAIL_HOST="127.0.0.1", EMAIL_PORT=mailbox.port, EMAIL_TIMEOUT=2):
            yield mailbox
    finally:
        loop.call_soon_threadsafe(stopped.set_result, None)
        thread.join(60)
        loop.run_until_complete(asyncio.sleep(0))
        loop.close()
