"""What was committed, compared with what the mail server took, by Message-ID."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from scripts.resilience.installation import Installation


@dataclass(frozen=True)
class Tally:
    """The figures of a run; `slowest` is the longest time from the write to the mail server, in seconds."""

    committed: int  # mails that the outbox promised
    delivered: int  # of those, taken by the server
    lost: int  # of those, neither taken nor rejected for good nor no longer true
    doubled: int  # taken more than once
    uncertain: int  # counted by the outbox as possibly doubled
    unlisted: int  # doubled, but not counted
    rejected: int  # 5xx, reported as failed
    missing: int  # acknowledged to a client, but not in the outbox
    slowest: float

    def as_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return asdict(self)

    def line(self) -> str:
        """Return the figures as one line."""
        return ", ".join(f"{name} {round(value, 1)}" for name, value in self.as_dict().items())


def tally(installation: Installation, *, acknowledged: Iterable[int] = ()) -> Tally:
    """Compare; Django must be open in this process."""
    from apps.notifications.delivery.mail import message_id
    from apps.notifications.models import MailState, Notification

    rows = {message_id(row): row for row in Notification.objects.exclude(mail_state=MailState.NONE)}
    taken = Counter(mail.message_id for mail in installation.mail.accepted())
    rejected = {key for key, row in rows.items() if row.mail_state == MailState.FAILED and row.reason.startswith("5")}
    silent = {key for key, row in rows.items() if row.mail_state == MailState.SUPPRESSED}
    doubled = {key for key, count in taken.items() if count > 1}
    uncertain = {key for key, row in rows.items() if row.uncertain_count or row.data_started_at}
    notified = {row.task_id for row in rows.values()}
    first = {mail.message_id: mail.at for mail in reversed(installation.mail.accepted())}
    waits = [(datetime.fromisoformat(at) - rows[key].created_at).total_seconds() for key, at in first.items()]
    return Tally(
        committed=len(rows),
        delivered=len(rows.keys() & taken.keys()),
        lost=len(rows.keys() - taken.keys() - rejected - silent),
        doubled=sum(taken[key] - 1 for key in doubled),
        uncertain=sum(row.uncertain_count for row in rows.values()),
        unlisted=len(doubled - uncertain),
        rejected=len(rejected),
        missing=len(set(acknowledged) - notified),
        slowest=max(waits, default=0.0),
    )


def open_mails() -> int:
    """Return how many mails still wait."""
    from apps.notifications.models import OPEN_STATES, Notification

    return Notification.objects.filter(mail_state__in=OPEN_STATES).count()


def wait_for_calm(*, seconds: float, tick: float = 0.2, meanwhile: Callable[[], object] = int) -> float | None:
    """Wait until no mail is open; return the seconds that took, or None when it took too long.

    `meanwhile` is called again and again, such as what starts parts that end late.
    """
    began = time.monotonic()
    while open_mails():
        meanwhile()
        if time.monotonic() - began > seconds:
            return None
        time.sleep(tick)
    return time.monotonic() - began
