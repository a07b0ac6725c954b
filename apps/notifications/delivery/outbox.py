"""The ledger's states in SQL: claimed, fenced, sent, put off, given up. Each change is one statement.

`lease` names a claim. Every statement after the claim asks for it, so that a worker whose lease ran
out, or was taken over, changes nothing any more.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

from django.db import connection

from apps.common import purging
from apps.common.clock import database_now
from apps.notifications.models import OPEN_STATES, Notification

LEASE = 120  # seconds
FIRST_DELAY = 30  # seconds; doubles with each attempt
MAX_DELAY = 3_600  # seconds
GIVE_UP_AFTER = 72 * 3_600  # seconds since the mail was asked for
DATA_LIMIT = 30  # seconds after which content that a dead worker was sending has arrived or not
REASON_LENGTH = 200
LOCK_CLASS = 0x6E6F7465  # "note": the advisory locks of living claimants

CLAIM = f"""
WITH chosen AS (
    SELECT id FROM notifications_notification
    WHERE mail_state IN ('pending', 'sending') AND next_attempt_at <= now()
        AND NOT EXISTS (SELECT FROM notifications_hold)
    ORDER BY next_attempt_at, id LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
)
UPDATE notifications_notification AS told SET
    mail_state = 'sending', lease = %(lease)s, attempts = attempts + 1,
    next_attempt_at = now() + interval '{LEASE} s',
    uncertain_count = uncertain_count + (data_started_at IS NOT NULL)::int, data_started_at = NULL
FROM chosen WHERE told.id = chosen.id
RETURNING told.*
"""  # noqa: S608 - a number of ours

# Committed for sure before the content goes out: it is what makes a doubled mail countable.
FENCE = f"""
UPDATE notifications_notification
SET data_started_at = clock_timestamp(), next_attempt_at = clock_timestamp() + interval '{LEASE} s'
WHERE id = %(id)s AND lease = %(lease)s AND mail_state = 'sending'
"""  # noqa: S608 - a number of ours

# Does not wait for the disk: when PostgreSQL dies and loses this mark, the fence still stands, so the
# row is claimed anew and counted as uncertain. The next fence brings the mark to disk.
SENT = """
UPDATE notifications_notification
SET mail_state = 'sent', sent_at = clock_timestamp(), reason = '', lease = NULL, data_started_at = NULL
WHERE id = %(id)s AND lease = %(lease)s AND set_config('synchronous_commit', 'off', true) = 'off'
"""

CLOSE = """
UPDATE notifications_notification
SET mail_state = %(state)s, reason = %(reason)s, lease = NULL,
    uncertain_count = uncertain_count + (data_started_at IS NOT NULL AND NOT %(refused)s)::int,
    data_started_at = NULL
WHERE id = %(id)s AND lease = %(lease)s
"""

POSTPONE = """
UPDATE notifications_notification
SET mail_state = 'pending', reason = %(reason)s, lease = NULL,
    next_attempt_at = clock_timestamp() + make_interval(secs => %(delay)s),
    data_started_at = CASE WHEN %(refused)s THEN NULL ELSE data_started_at END
WHERE id = %(id)s AND lease = %(lease)s
"""

RELEASE = """
UPDATE notifications_notification
SET mail_state = 'pending', lease = NULL, attempts = attempts - 1, next_attempt_at = clock_timestamp()
WHERE id = ANY(%(ids)s) AND lease = %(lease)s AND data_started_at IS NULL
"""

# Claims of a worker whose database session is gone need not wait for the end of their lease.
RECOVER = f"""
UPDATE notifications_notification AS told
SET next_attempt_at = GREATEST(now(), data_started_at + interval '{DATA_LIMIT} s')
WHERE mail_state = 'sending' AND next_attempt_at > now()
    AND next_attempt_at > data_started_at + interval '{DATA_LIMIT} s' IS NOT FALSE
    AND NOT EXISTS (
        SELECT FROM pg_locks
        WHERE locktype = 'advisory' AND granted AND objsubid = 2 AND classid = {LOCK_CLASS}
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND objid = ('x' || left(told.lease::text, 8))::bit(32)::bigint
    )
"""  # noqa: S608 - numbers of ours

DUE = """
SELECT count(*) FROM (
    SELECT FROM notifications_notification
    WHERE mail_state IN ('pending', 'sending') AND next_attempt_at <= now()
        AND NOT EXISTS (SELECT FROM notifications_hold)
    LIMIT %s
) AS due
"""


def _run(sql: str, **parameters: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        changed: int = cursor.rowcount
    return changed


def open_lease() -> uuid.UUID:
    """Return a new lease, known to be held as long as this database session lives."""
    while True:
        lease = uuid.uuid4()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LOCK_CLASS, _lock_number(lease)])
            row = cursor.fetchone()
        if row and row[0]:
            return lease


def close_lease(lease: uuid.UUID) -> None:
    """Let go of what `open_lease` took."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LOCK_CLASS, _lock_number(lease)])


def _lock_number(lease: uuid.UUID) -> int:
    return int.from_bytes(lease.bytes[:4], "big", signed=True)


def count_due(*, limit: int) -> int:
    """Return how many mails there are to claim now, counting up to `limit`."""
    with connection.cursor() as cursor:
        cursor.execute(DUE, [limit])
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def claim(lease: uuid.UUID, *, limit: int) -> list[Notification]:
    """Claim up to `limit` due rows for `lease` and count the attempt; oldest first."""
    rows = Notification.objects.raw(CLAIM, {"lease": lease, "limit": limit})
    return sorted(rows, key=lambda row: row.pk)


def fence(row: Notification) -> bool:
    """Note that the content begins to go out, and renew the lease; False when it is ours no more."""
    return _run(FENCE, id=row.pk, lease=row.lease) == 1


def mark_sent(row: Notification) -> bool:
    """Close the row as accepted by the mail server; False when the lease is ours no more."""
    return _run(SENT, id=row.pk, lease=row.lease) == 1


def suppress(row: Notification, reason: str) -> bool:
    """Close the row: nobody is told, for `reason`."""
    return _close(row, "suppressed", reason, refused=True)


def fail(row: Notification, reason: str, *, refused: bool = True) -> bool:
    """Close the row as given up. `refused`: it is certain that the mail has not arrived."""
    return _close(row, "failed", reason, refused=refused)


def _close(row: Notification, state: str, reason: str, *, refused: bool) -> bool:
    return _run(CLOSE, id=row.pk, lease=row.lease, state=state, reason=_storable(reason), refused=refused) == 1


def postpone(row: Notification, reason: str, *, refused: bool) -> bool:
    """Put the row off by its backoff. Without `refused` the mail may have arrived unnoticed."""
    wait = delay(row.attempts)
    return _run(POSTPONE, id=row.pk, lease=row.lease, reason=_storable(reason), delay=wait, refused=refused) == 1


def _storable(reason: str) -> str:
    return reason[:REASON_LENGTH].replace("\x00", "")


def delay(attempts: int) -> float:
    """Return seconds until the next attempt: 30 doubling, at most an hour, less up to half by chance."""
    longest: int = min(FIRST_DELAY * 2 ** min(attempts - 1, 16), MAX_DELAY)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311 - spreads load, hides nothing


def release(rows: Sequence[Notification]) -> int:
    """Give rows back that were claimed and not tried: the attempt does not count."""
    if not rows:
        return 0
    return _run(RELEASE, ids=[row.pk for row in rows], lease=rows[0].lease)


def recover() -> int:
    """Shorten the leases of workers whose database session is gone; return how many rows."""
    return _run(RECOVER)


def purge(*, days: int) -> int:
    """Delete closed rows older than `days` in batches; return how many."""
    closed = Notification.objects.exclude(mail_state__in=OPEN_STATES)
    oldest = database_now() - timedelta(days=days)
    return purging.purge(closed.filter(created_at__lt=oldest).order_by("created_at"))


def resend(ids: Iterable[int]) -> int:
    """Queue failed and suppressed rows again, under the same Message-ID; return how many."""
    return _run(
        "UPDATE notifications_notification SET mail_state = 'pending', reason = '', attempts = 0, lease = NULL,"
        " queued_at = now(), next_attempt_at = now()"
        " WHERE id = ANY(%(ids)s) AND mail_state IN ('failed', 'suppressed')",
        ids=list(ids),
    )
