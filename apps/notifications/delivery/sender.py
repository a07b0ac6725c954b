"""From a due outbox row to the mail server's 250: claim, ask again, fence, send, mark."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import InterfaceError, OperationalError, connection
from django.utils import timezone

from apps.common.background.breaker import Breaker
from apps.common.faults import declare, fault_point
from apps.common.language.choosing import speaking
from apps.common.language.texts import in_one_language
from apps.common.lists.kept import find_rows
from apps.common.monitoring.metrics import ledger_outcomes_total
from apps.common.monitoring.request_id import request_id_of
from apps.common.sql.statements import AnyOf
from apps.common.text.mail_addresses import BadAddressError
from apps.notifications.delivery import mail, outbox, smtp
from apps.notifications.kinds import KINDS
from apps.notifications.models import Notification
from apps.notifications.preferences import wants
from apps.notifications.reading import load

logger = logging.getLogger(__name__)

declare("worker.claimed", "worker.checked", "worker.marked", "worker.rejected")

BATCH = 50  # rows per claim
FRESH = 1.0  # seconds; what was asked longer ago is asked again
RECOVER_EVERY = 5.0  # seconds
MARK_PATIENCE = 25.0  # seconds to wait for a database that went away between the 250 and the mark

# Five failures in a row, then nothing is claimed for 30 s.
mail_breaker = Breaker("The mail server", seconds=30, failures=5)

_recovered_at = -RECOVER_EVERY


@dataclass
class Result:
    """What one run did; `more` says that it stopped for lack of time."""

    sent: int = 0
    more: bool = False


class Suppressed(Exception):
    """Nobody is to be notified: no longer true, not allowed, or not wanted."""


class Unrenderable(Exception):
    """The words cannot be made: our bug, which concerns this row alone."""


def deliver(*, seconds: float = 10) -> Result:
    """Send what is due until nothing is left or `seconds` are over.

    A backlog goes over several connections at once, each in a thread with a lease of its own: most of
    a mail's time is waiting for the mail server.
    """
    _recover_now_and_then()
    deadline = time.monotonic() + seconds
    due = 0 if mail_breaker.is_open else outbox.count_due(limit=BATCH * settings.EMAIL_CONNECTIONS)
    lanes = math.ceil(due / BATCH)
    if lanes <= 1 or connection.in_atomic_block:  # other connections would not see what is not committed
        return _lane(deadline) if due else Result()
    with ThreadPoolExecutor(lanes) as pool:
        results = list(pool.map(_thread, [deadline] * lanes))
    return Result(sum(result.sent for result in results), any(result.more for result in results))


def _thread(deadline: float) -> Result:
    try:
        return _lane(deadline)
    finally:
        connection.close()


def _lane(deadline: float) -> Result:
    """Send over one connection, one mail after the other."""
    result = Result()
    lease = outbox.open_lease()
    try:
        with smtp.Connection() as server:
            while time.monotonic() < deadline:
                if not _connected(server) or not (rows := outbox.claim(lease, limit=BATCH)):
                    return result
                fault_point("worker.claimed")
                try:
                    result.sent += _Batch(server, rows, deadline).run()
                except smtp.ConnectionFailed as error:
                    mail_breaker.failed(error)
        result.more = True
        return result
    finally:
        outbox.close_lease(lease)


def _recover_now_and_then() -> None:
    global _recovered_at
    if time.monotonic() - _recovered_at >= RECOVER_EVERY:
        _recovered_at = time.monotonic()
        if recovered := outbox.recover():
            logger.warning("%d claims of a worker that is gone are free again", recovered)


def _connected(server: smtp.Connection) -> bool:
    """Open the session before anything is claimed: a server that is away costs no row an attempt."""
    pause = 0.25  # seconds
    while not mail_breaker.is_open:
        try:
            server.open()
        except smtp.ConnectionFailed as error:
            logger.warning("No connection to the mail server: %s", error)
            mail_breaker.failed(error)
            time.sleep(pause)
            pause *= 2
        else:
            return True
    return False


class _Batch:
    """Rows of one claim, and what is known about them."""

    def __init__(self, server: smtp.Connection, rows: Sequence[Notification], deadline: float) -> None:
        self.server = server
        self.rows = list(rows)
        self.deadline = deadline
        self.subjects: Mapping[int, Any] = {}
        self.asked_at = -FRESH

    def run(self) -> int:
        """Send the rows one by one; return how many were sent. What was not tried is given back."""
        sent = 0
        try:
            while self.rows and not mail_breaker.is_open and time.monotonic() < self.deadline:
                if time.monotonic() - self.asked_at >= FRESH:
                    self.subjects = _ask(self.rows)
                    self.asked_at = time.monotonic()
                with request_id_of(self.rows[0].request_id):
                    sent += self._one(self.rows[0])
                self.rows.pop(0)
        finally:
            _give_back(self.rows)
        return sent

    def _one(self, row: Notification) -> bool:
        """Bring one row as far as it goes; return whether its mail was sent.

        Raises smtp.ConnectionFailed, which no row is to blame for.
        """
        try:
            mail = _mail(row, self.subjects)
            fault_point("worker.checked")
            self._send(row, mail)
        except Suppressed as reason:
            outbox.suppress(row, str(reason))
            _note(row, "suppressed", logging.INFO, str(reason))
        except Unrenderable as error:
            outbox.fail(row, f"cannot be rendered: {error}")
            _note(row, "failed", logging.ERROR, f"cannot be rendered: {error}", error.__cause__)
        except smtp.Rejected as answer:
            if answer.is_setup:  # like a server that is away: five in a row, then a pause for all
                mail_breaker.failed(answer)
            else:
                mail_breaker.succeeded()
            _put_off(row, answer, permanent=answer.permanent, rejected=True)
        except smtp.Interrupted as error:
            mail_breaker.failed(error)
            _put_off(row, error, permanent=False, rejected=not error.uncertain)
        except smtp.FenceFailed:
            _note(row, "lost_lease", logging.WARNING, "another worker has it: not sent")
        else:
            return self._mark(row)
        return False

    def _send(self, row: Notification, mail: mail.Mail) -> None:
        """Hand the mail over; a session that the server ended while it was idle is opened once more."""
        reused = not self.server.is_fresh
        try:
            self._send_once(row, mail)
        except smtp.Interrupted as error:
            if not reused or error.uncertain:
                raise
            self._send_once(row, mail)

    def _send_once(self, row: Notification, mail: mail.Mail) -> None:
        self.server.send(
            sender=mail.sender, recipient=mail.recipient, content=mail.content, fence=lambda: outbox.fence(row)
        )

    def _mark(self, row: Notification) -> bool:
        mail_breaker.succeeded()
        if _patiently(lambda: outbox.mark_sent(row)):
            fault_point("worker.marked")
            _note(row, "sent", logging.INFO)
            return True
        _note(row, "lost_lease", logging.WARNING, "sent after another worker took it: it may arrive twice")
        return False


def _patiently(mark: Callable[[], bool]) -> bool:
    """Try again while the database is away: what was accepted should not go out twice."""
    deadline = time.monotonic() + MARK_PATIENCE
    while True:
        try:
            return mark()
        except (OperationalError, InterfaceError):
            if time.monotonic() > deadline or connection.in_atomic_block:
                raise
            connection.close()
            time.sleep(0.25)


def _put_off(row: Notification, error: smtp.Rejected | smtp.Interrupted, *, permanent: bool, rejected: bool) -> None:
    """Fail the row at once or after 72 h, else try again later."""
    reason = str(error)
    fault_point("worker.rejected")
    if permanent or timezone.now() - row.queued_at > timedelta(seconds=outbox.GIVE_UP_AFTER):
        outbox.fail(row, reason, rejected=rejected)
        _note(row, "failed", logging.WARNING, error.brief)
    else:
        outbox.postpone(row, reason, rejected=rejected)
        _note(row, "postponed", logging.INFO, error.brief)


def _note(row: Notification, outcome: str, level: int, reason: str = "", error: BaseException | None = None) -> None:
    """Count and log what became of a row; never an address, so the server's words stay out."""
    ledger_outcomes_total.labels(row.kind, outcome).inc()
    logger.log(
        level,
        "Mail %s (%s) to user %s, attempt %d: %s %s",
        row.pk, row.kind, row.recipient_id, row.attempts, outcome, reason, exc_info=error,
    )  # fmt: skip


def _give_back(rows: Sequence[Notification]) -> None:
    """Release what was not tried; without the database the lease does it in time."""
    try:
        outbox.release(rows)
    except (OperationalError, InterfaceError) as error:
        logger.warning("%d claims cannot be given back: %s", len(rows), error)


def _ask(rows: Sequence[Notification]) -> Mapping[int, Any]:
    """Load the recipients and what the rows are about, as they are now."""
    ids = sorted({row.recipient_id for row in rows if row.recipient_id is not None})
    people = {user.pk: user for user in find_rows(("mail", "recipients"), _people, {"ids": ids})}
    for row in rows:
        if row.recipient_id is not None:
            row.recipient = people[row.recipient_id]
    return load(rows, for_mail=True)


def _people() -> Any:
    return get_user_model()._default_manager.filter(AnyOf("pk", "ids"))


def _mail(row: Notification, subjects: Mapping[int, Any]) -> mail.Mail:
    """Return the mail, or say why there is none: Suppressed, Unrenderable."""
    kind = KINDS.get(row.kind)
    if kind is None:
        raise Unrenderable("unknown kind")
    if row.recipient is not None and not row.recipient.is_active:
        raise Suppressed("the recipient is not active")
    if row.recipient is not None and not wants(row.recipient.notification_preferences, kind, "email"):
        raise Suppressed("switched off by the recipient")
    subject = subjects.get(row.pk)
    if subject is None:
        raise Suppressed("what it is about is gone or no longer visible to the recipient")
    try:
        if isinstance(subject, Exception):
            raise subject
        if reason := kind.reason_to_withhold(row, subject):
            raise Suppressed(reason)
        with speaking(row.recipient.language if row.recipient else ""), in_one_language():
            return mail.compose(row, kind, kind.content(row, subject))
    except (Suppressed, OperationalError, InterfaceError):
        raise
    except BadAddressError:
        raise Unrenderable("the address is not valid") from None
    except Exception as error:
        raise Unrenderable(f"{type(error).__name__}: {error}") from error
