"""The conversation with the mail server, with a fence right before the content goes out."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable
from email.utils import parseaddr
from types import TracebackType
from typing import Self

from django.conf import settings

from apps.common.faults import declare, fault_point
from apps.common.text.mail_addresses import BadAddressError, ascii_domain
from apps.notifications.delivery.smtp_answers import concerns_recipient

declare("worker.before_data", "worker.data_sent", "worker.accepted")

CLOSING = 421  # the server hangs up (RFC 5321 §3.8)
PERMANENT = 500


class ConnectionFailed(Exception):
    """The server cannot be reached or does not let us in: no mail is to blame."""


class Rejected(Exception):
    """The server answered no: this mail was not taken.

    `permanent` for a 5xx about the recipient; `is_setup` for one that any other mail would get as well.
    """

    def __init__(self, code: int, text: str, *, permanent: bool, is_setup: bool = False) -> None:
        self.brief = str(code)
        self.permanent = permanent
        self.is_setup = is_setup
        super().__init__(f"{code} {text}")


class Interrupted(Exception):
    """The connection broke. `uncertain` once the content was going out: it may have arrived."""

    def __init__(self, error: Exception | str, *, uncertain: bool) -> None:
        self.brief = "connection lost"
        self.uncertain = uncertain
        super().__init__(f"connection lost: {error!r}" if isinstance(error, Exception) else error)


class FenceFailed(Exception):
    """The row is no longer ours; nothing went out."""


class Connection:
    """One SMTP session for many mails, built from the EMAIL_* settings; 10 s for each step by default."""

    def __init__(self) -> None:
        self._smtp: smtplib.SMTP | None = None
        self.is_fresh = True  # nothing was sent over it yet

    def open(self) -> None:
        """Connect, encrypt and log in, unless connected. Raises ConnectionFailed."""
        if self._smtp is not None:
            return
        try:
            self._smtp = _connect()
        except (OSError, smtplib.SMTPException, ValueError) as error:  # ValueError: a setting with a line break
            raise ConnectionFailed(f"{type(error).__name__}: {error}") from error
        self.is_fresh = True

    def try_sender(self, sender: str) -> None:
        """Ask whether mail from `sender` would be taken, and send none. Raises what `send` raises."""
        self.open()
        assert self._smtp is not None  # noqa: S101 - open() raises otherwise
        try:
            self._mail_from(self._smtp, sender)
            self._forget(self._smtp)
        except (OSError, smtplib.SMTPException) as error:
            self.drop()
            raise Interrupted(error, uncertain=False) from error

    def close(self) -> None:
        """Take leave of the server, if it still listens."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            try:
                smtp.quit()
            except (OSError, smtplib.SMTPException):
                smtp.close()

    def drop(self) -> None:
        """Hang up without a word: the session is broken."""
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            smtp.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def send(self, *, sender: str, recipient: str, content: bytes, fence: Callable[[], bool]) -> None:
        """Hand one mail over; returns after the server's 250.

        `fence` is called between RCPT and DATA; when it says False, FenceFailed. Raises Rejected,
        Interrupted, and ConnectionFailed for a session that cannot be opened.
        """
        self.open()
        assert self._smtp is not None  # noqa: S101 - open() raises otherwise
        started = False
        try:
            self._envelope(self._smtp, sender, recipient)
            fault_point("worker.before_data")
            if not fence():
                self._forget(self._smtp)
                raise FenceFailed
            started = True
            self._content(self._smtp, content)
        except (OSError, smtplib.SMTPException) as error:
            self.drop()
            raise Interrupted(error, uncertain=started) from error
        self.is_fresh = False

    def _envelope(self, smtp: smtplib.SMTP, sender: str, recipient: str) -> None:
        utf8 = ""
        if not recipient.isascii():
            if not smtp.has_extn("smtputf8"):
                raise Rejected(553, "the mail server takes no such address (RFC 6531)", permanent=True)
            utf8, smtp.command_encoding = " SMTPUTF8", "utf-8"
        self._mail_from(smtp, sender, utf8)
        code, text = self._answer(smtp, smtp.docmd("RCPT", f"TO:<{recipient}>"), {250, 251})
        if code:
            is_final = code >= PERMANENT and concerns_recipient(code, text)
            raise Rejected(code, text, permanent=is_final, is_setup=code >= PERMANENT and not is_final)

    def _mail_from(self, smtp: smtplib.SMTP, sender: str, options: str = "") -> None:
        code, text = self._answer(smtp, smtp.docmd("MAIL", f"FROM:<{sender}>{options}"), {250})
        if code:  # a rejected sender is a setting to fix, not the mail's fault: it keeps its place
            raise Rejected(code, text, permanent=False, is_setup=code >= PERMANENT)

    def _content(self, smtp: smtplib.SMTP, content: bytes) -> None:
        try:
            answer = _data(smtp, content)
        except smtplib.SMTPDataError as error:  # the answer to DATA itself: nothing has gone out
            answer = error.smtp_code, error.smtp_error if isinstance(error.smtp_error, bytes) else b""
        fault_point("worker.accepted")
        if answer[0] < 0:
            raise smtplib.SMTPServerDisconnected("no answer that can be read")
        code, text = self._answer(smtp, answer, {250})
        if code:
            is_final = code >= PERMANENT and concerns_recipient(code, text, is_envelope=False)
            raise Rejected(code, text, permanent=is_final)

    def _answer(self, smtp: smtplib.SMTP, answer: tuple[int, bytes], good: set[int]) -> tuple[int, str]:
        """Return (0, "") for a good answer, else its code and text; Interrupted when the server hangs up with it."""
        code, text = answer[0], answer[1].decode(errors="replace")
        if code in good:
            return 0, ""
        if code == CLOSING or code < 0:
            self.drop()
            raise Interrupted(f"{code} {text}", uncertain=False)
        self._forget(smtp)
        return code, text

    def _forget(self, smtp: smtplib.SMTP) -> None:
        """Let the server forget the running mail; a session that breaks here is opened anew."""
        try:
            smtp.rset()
        except (OSError, smtplib.SMTPException):
            self.drop()


def _data(smtp: smtplib.SMTP, content: bytes) -> tuple[int, bytes]:
    """DATA as smtplib does it, with a fault point between the last byte and the answer."""
    smtp.putcmd("data")
    code, text = smtp.getreply()
    if code != 354:
        raise smtplib.SMTPDataError(code, text)
    smtp.send(content.replace(b"\r\n.", b"\r\n..") + (b".\r\n" if content.endswith(b"\r\n") else b"\r\n.\r\n"))
    fault_point("worker.data_sent")
    return smtp.getreply()


def ehlo_name() -> str:
    """Return how this host introduces itself: EMAIL_EHLO_NAME, else the domain of DEFAULT_FROM_EMAIL.

    Servers commonly reject a name without dots, which is all that a container has.
    """
    name = settings.EMAIL_EHLO_NAME or parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    try:
        return ascii_domain(name) or "localhost"
    except BadAddressError:
        raise ValueError(f"EMAIL_EHLO_NAME is no host name: {name}") from None


def _connect() -> smtplib.SMTP:
    host, port, timeout = settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT
    name = ehlo_name()
    smtp: smtplib.SMTP
    if settings.EMAIL_USE_SSL:
        smtp = smtplib.SMTP_SSL(host, port, name, timeout=timeout, context=ssl.create_default_context())
    else:
        smtp = smtplib.SMTP(host, port, name, timeout=timeout)
    try:
        smtp.ehlo_or_helo_if_needed()
        if settings.EMAIL_USE_TLS:
            smtp.starttls(context=ssl.create_default_context())
            smtp.ehlo()
        if settings.EMAIL_HOST_USER:
            smtp.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD)
    except BaseException:
        smtp.close()
        raise
    return smtp
