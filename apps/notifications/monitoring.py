"""How the outbox is: for readiness, `doctor` and metrics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Min, Q
from django.utils import timezone

from apps.common.monitoring.doctor import Finding, Level, check, management_command
from apps.common.monitoring.health import report_oldest_unsent
from apps.common.monitoring.metrics import register_gauge
from apps.notifications.delivery import smtp
from apps.notifications.delivery.mail import sender_address
from apps.notifications.delivery.smtp_answers import advice, connection_advice, without_addresses
from apps.notifications.models import OPEN_STATES, Hold, MailState, Notification

LATE = timedelta(minutes=5)
LISTED = 10  # ids in a finding
ANSWERS = 3  # of the mail server in a finding
UNCERTAIN = Q(uncertain_count__gt=0)


def oldest_unsent() -> datetime | None:
    """Return since when the mail has waited that is due and has waited longest; None when none waits."""
    due = Notification.objects.due(now=timezone.now())
    oldest: datetime | None = due.aggregate(oldest=Min("queued_at"))["oldest"]
    return oldest


def open_mails() -> Mapping[str, float]:
    """Return {state: rows} for what is open, and what was given up."""
    states = (*OPEN_STATES, MailState.FAILED)
    found = dict(
        Notification.objects.filter(mail_state__in=states).values_list("mail_state").annotate(rows=Count("id"))
    )
    return {state.value: float(found.get(state.value, 0)) for state in states}


def age() -> Mapping[str, float]:
    """Return the age of the oldest unsent mail in seconds."""
    oldest = oldest_unsent()
    return {"": (timezone.now() - oldest).total_seconds() if oldest else 0.0}


def uncertain() -> Mapping[str, float]:
    """Return how many attempts may have arrived unnoticed."""
    return {"": float(Notification.objects.filter(UNCERTAIN).count())}


def held() -> Mapping[str, float]:
    """Return whether no mail goes out."""
    return {"": float(Hold.objects.filter(covers__contains=["mail"]).exists())}


def connect() -> None:
    """Let readiness and metrics ask; called once at start."""
    report_oldest_unsent(oldest_unsent)
    register_gauge("taskhouse_ledger_mails", "Mails that are open or were given up.", open_mails, label="state")
    register_gauge("taskhouse_ledger_oldest_unsent_seconds", "Age of the oldest mail that is due.", age)
    register_gauge("taskhouse_ledger_uncertain_mails", "Mails that may have arrived twice.", uncertain)
    register_gauge("taskhouse_mail_held", "1 while mail is held after a restore.", held)


@check("mail server")
def mail_server() -> Iterator[Finding]:
    """Find out whether the mail server would take mail from here: connect, log in, name the sender, send nothing."""
    place = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        with smtp.Connection() as server:
            server.try_sender(sender_address())
    except (smtp.ConnectionFailed, smtp.Interrupted) as error:
        text = f"{place} does not let us in ({without_addresses(str(error))}); mail waits and loses nothing for 72 h"
        yield Finding("mail server", Level.FAIL, text, connection_advice(str(error)))
    except smtp.Rejected as answer:
        text = f"{place} takes no mail from us ({without_addresses(str(answer))}); it waits and loses nothing for 72 h"
        yield Finding("mail server", Level.FAIL, text, advice(str(answer)))
    else:
        yield Finding("mail server", Level.OK, f"{place} answers")


def _waiting() -> Iterator[Finding]:
    """Yield why mails that were tried have to wait, the most frequent answers first."""
    tried = Notification.objects.filter(mail_state__in=OPEN_STATES).exclude(reason="")
    counts: Counter[str] = Counter()
    for reason, rows in tried.values_list("reason").annotate(rows=Count("id")):
        counts[without_addresses(reason)] += rows
    for reason, rows in counts.most_common(ANSWERS):
        yield Finding("mail", Level.WARN, f"{rows} wait after the answer: {reason}", advice(reason))


@check("mail")
def mail() -> Iterator[Finding]:
    """Find out whether mail flows: held, late, given up, uncertain."""
    held = Hold.objects.filter(covers__contains=["mail"]).first()
    if held is not None:
        release = f"Read docs/operations.md, then {management_command('release_mail')}."
        yield Finding("mail", Level.WARN, f"held: {held.reason}", release)
    oldest = oldest_unsent()
    late = oldest is not None and timezone.now() - oldest > LATE
    if late and held is None:
        text = f"the oldest unsent mail has waited since {oldest:%Y-%m-%d %H:%M} UTC"
        yield Finding("mail", Level.FAIL, text, "Look at the worker and the mail server.")
    waiting = list(_waiting())
    yield from waiting
    if failed := Notification.objects.filter(mail_state=MailState.FAILED).count():
        yield Finding("mail", Level.WARN, f"{failed} given up", "See why in the admin; resend what is worth it.")
    doubtful = Notification.objects.filter(UNCERTAIN).order_by("-id")
    if count := doubtful.count():
        ids = ", ".join(str(pk) for pk in doubtful.values_list("pk", flat=True)[:LISTED])
        more = ", …" if count > LISTED else ""
        text = f"{count} may have arrived twice: rows {ids}{more}"
        yield Finding(
            "mail", Level.WARN, text, "Nothing to do: a worker died, or the server hung up, while they were sent."
        )
    if held is None and not late and not waiting:
        yield Finding("mail", Level.OK, "flows")
