"""Disturbs the mail server in every way while mails wait, and looks whether all arrive afterwards."""

from __future__ import annotations

import argparse
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.local import processes
from scripts.resilience.installation import Installation
from scripts.resilience.tally import open_mails, tally
from scripts.resilience.throughput import enter
from scripts.resilience.traffic import make_cast

OUTAGES = ("down", "hang", "421", "450", "550", "drop", "drop-kept")
REJECTED = "person0@"


def arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options."""
    parser.add_argument("--notifications", type=int, default=200, help="mails that wait in each outage")
    parser.add_argument("--outage-seconds", type=float, default=8)


@dataclass
class Outcome:
    """What one outage did to its mails."""

    lost: int
    doubled: int
    uncertain: int
    failed: int
    attempts: int  # the most that a rejected mail was tried


def run(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Let every outage pass over a worker and return what became of the mails."""
    with Installation(folder, settings={"SCHEDULE_DELIVER_SECONDS": "1", "EMAIL_TIMEOUT": "3"}) as installation:
        installation.open_django()
        accounts = make_cast("")
        installation.start("worker")
        installation.start("beat")
        outcomes = {}
        for outage in OUTAGES:
            print(outage, file=sys.stderr, flush=True)
            begin(installation, outage)
            enter(accounts, options.notifications)
            time.sleep(options.outage_seconds)
            end(installation, outage)
            processes.wait_until(_all_is_sent, seconds=60, pause=0.3)
            outcomes[outage] = _outcome(installation)
            _forget(installation)
        return {name: str(vars(outcome)) for name, outcome in outcomes.items()} | {
            "lost": sum(outcome.lost for outcome in outcomes.values()),
            "ok": all(_is_well(name, outcome, options.notifications) for name, outcome in outcomes.items()),
        }


def begin(installation: Installation, outage: str) -> None:
    """Let the mail server misbehave."""
    if outage == "down":
        installation.mail.stop()
    else:
        installation.mail.behave(outage, recipient=REJECTED if outage == "550" else "")


def end(installation: Installation, outage: str) -> None:
    """Let it work again."""
    if outage == "down":
        installation.mail.start()
    installation.mail.behave("ok")


def _all_is_sent() -> bool:
    """Return whether no mail waits; a backoff passes at once, as if its time were over."""
    from django.utils import timezone

    from apps.notifications.models import MailState, Notification

    waiting = Notification.objects.filter(mail_state=MailState.PENDING, next_attempt_at__gt=timezone.now())
    waiting.update(next_attempt_at=timezone.now())
    return not open_mails()


def _outcome(installation: Installation) -> Outcome:
    from apps.notifications.models import MailState, Notification

    figures = tally(installation)
    failed = Notification.objects.filter(mail_state=MailState.FAILED)
    attempts = max(failed.values_list("attempts", flat=True), default=0)
    return Outcome(figures.lost, figures.doubled, figures.uncertain, failed.count(), attempts)


def _forget(installation: Installation) -> None:
    from apps.notifications.models import Notification
    from apps.tasks.models import Task

    Notification.objects.all().delete()
    Task.objects.all().delete()
    installation.mail.record.write_bytes(b"")


def _is_well(outage: str, outcome: Outcome, count: int) -> bool:
    """Nothing deliverable is lost, what is doubled is counted, and a 550 is tried once."""
    rejected = count // 20 if outage == "550" else 0
    known = outcome.lost == 0 and outcome.doubled <= outcome.uncertain and outcome.failed == rejected
    return known and outcome.attempts == (1 if rejected else 0)
