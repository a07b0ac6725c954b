"""The states of mails in the outbox: claimed, fenced, sent, postponed, given up. Each change is one statement.

Claims and leases are those of `apps.common.background.leases`; here is what is particular to mail.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import timedelta

from apps.common.background import leases, purging
from apps.common.background.leases import close_lease, open_lease
from apps.common.dates.clock import database_now
from apps.common.sql.conditions import NOT_WAITING_FOR_THE_DISK
from apps.notifications.models import OPEN_STATES, MailState, Notification

__all__ = ["close_lease", "open_lease"]

GIVE_UP_AFTER = 72 * 3_600  # seconds since the mail was asked for
DATA_LIMIT = 30  # seconds after which content that a dead worker was sending has arrived or not
REASON_LENGTH = 200

# An attempt whose content was going out when its worker died may have arrived.
UNCERTAIN = "uncertain_count = uncertain_count + (data_started_at IS NOT NULL)::int, data_started_at = NULL"
MAILS = leases.Queue(
    Notification,
    open="mail_state IN ('pending', 'sending')",
    paused="EXISTS (SELECT FROM notifications_hold WHERE 'mail' = ANY(covers))",
    on_claim=f"mail_state = 'sending', {UNCERTAIN}",
    on_release="mail_state = 'pending'",
    not_before=f"data_started_at + interval '{DATA_LIMIT} s'",
)


def count_due(*, limit: int) -> int:
    """Return how many mails there are to claim now, counting up to `limit`."""
    return leases.count_due(MAILS, limit=limit)


def claim(lease: uuid.UUID, *, limit: int) -> list[Notification]:
    """Claim up to `limit` due rows for `lease` and count the attempt; oldest first."""
    return leases.claim(MAILS, lease, limit=limit)


def fence(row: Notification) -> bool:
    """Note that the content begins to go out, and renew the lease; False when it is ours no more.

    Committed for sure before the content goes out: it is what makes a doubled mail countable.
    """
    return leases.renew(MAILS, row, "data_started_at = clock_timestamp()")


def mark_sent(row: Notification) -> bool:
    """Close the row as accepted by the mail server; False when the lease is ours no more.

    Does not wait for the disk: when PostgreSQL dies and loses this mark, the fence still stands, so the row is claimed
    anew and counted as uncertain. The next fence brings the mark to disk.
    """
    sent = "mail_state = 'sent', sent_at = clock_timestamp(), reason = '', data_started_at = NULL"
    return leases.close(MAILS, row, sent, condition=NOT_WAITING_FOR_THE_DISK)


def suppress(row: Notification, reason: str) -> bool:
    """Close the row: nobody is notified, for `reason`."""
    return _close(row, MailState.SUPPRESSED, reason, rejected=True)


def fail(row: Notification, reason: str, *, rejected: bool = True) -> bool:
    """Close the row as given up. `rejected`: it is certain that the mail has not arrived."""
    return _close(row, MailState.FAILED, reason, rejected=rejected)


def _close(row: Notification, state: MailState, reason: str, *, rejected: bool) -> bool:
    closed = (
        "mail_state = %(state)s, reason = %(reason)s, data_started_at = NULL,"
        " uncertain_count = uncertain_count + (data_started_at IS NOT NULL AND NOT %(rejected)s)::int"
    )
    return leases.close(MAILS, row, closed, state=state.value, reason=_storable(reason), rejected=rejected)


def postpone(row: Notification, reason: str, *, rejected: bool) -> bool:
    """Put the row off by its backoff. Without `rejected` the mail may have arrived unnoticed."""
    why = "reason = %(reason)s, data_started_at = CASE WHEN %(rejected)s THEN NULL ELSE data_started_at END"
    return leases.postpone(MAILS, row, why, reason=_storable(reason), rejected=rejected)


def _storable(reason: str) -> str:
    return reason[:REASON_LENGTH].replace("\x00", "")


def release(rows: Sequence[Notification]) -> int:
    """Give rows back that were claimed and not tried: the attempt does not count."""
    return leases.release(MAILS, rows, condition="data_started_at IS NULL")


def recover() -> int:
    """Shorten the leases of workers whose database session is gone; return how many rows."""
    return leases.recover(MAILS)


def purge(*, days: int) -> int:
    """Delete closed rows older than `days` in batches; return how many."""
    closed = Notification.objects.exclude(mail_state__in=OPEN_STATES)
    oldest = database_now() - timedelta(days=days)
    return purging.purge(closed.filter(created_at__lt=oldest).order_by("created_at"))


def resend(ids: Iterable[int]) -> int:
    """Queue failed and suppressed rows again, under the same Message-ID; return how many."""
    closed = Notification.objects.filter(pk__in=list(ids), mail_state__in=(MailState.FAILED, MailState.SUPPRESSED))
    now = database_now()
    return closed.update(
        mail_state=MailState.PENDING, reason="", attempts=0, lease=None, queued_at=now, next_attempt_at=now
    )
