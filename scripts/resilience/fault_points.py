"""Lets a process kill itself at every fault point in turn and looks whether all recovers."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from scripts.local import processes
from scripts.resilience.installation import Installation
from scripts.resilience.tally import Tally, open_mails, tally
from scripts.resilience.traffic import make_cast
from scripts.resilience.triggers import Triggers

PARTS = ("web", "worker", "beat")
MAY_DOUBLE = {"worker.data_sent", "worker.accepted"}
QUICKLY = (
    "SCHEDULE_DELIVER_SECONDS",
    "SCHEDULE_REMIND_SECONDS",
    "SCHEDULE_REPORTS_SECONDS",
    "SCHEDULE_WEBHOOKS_SECONDS",
)
PATIENCE = 120  # seconds for a process to reach its point, and again to recover, on a busy machine


def arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options."""
    parser.add_argument("--only", default="", help="only the points that contain this text")


def run(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Visit all points and return the figures, and what was wrong at which."""
    settings = dict.fromkeys(QUICKLY, "1") | {
        "FAULT_POINT": f"@{folder / 'armed'}",
        "SCHEDULE_CLEAN_FILES_SECONDS": "2",
        "EVENT_SINK": "valkey",
        "SCHEDULE_RELAY_SECONDS": "1",
        "WEBHOOK_ALLOW_HTTP": "true",
        "WEBHOOK_ALLOWED_NETWORKS": "127.0.0.0/8",
    }
    with Installation(folder, settings=settings) as installation:
        for part in PARTS:
            installation.start(part)
        installation.wait_for_web()
        installation.open_django()
        round_ = Round(installation)
        wrong = {point: trouble for point in points(options.only) if (trouble := round_.visit(point))}
        round_.calm()  # the last check may have caused a mail: that a report is ready
        figures = round_.tally()
        wrong |= {"files": trouble} if (trouble := round_.triggers.stray_files()) else {}
    visited = len(points(options.only))
    recovered = visited - len(wrong.keys() & set(points()))
    return figures.as_dict() | {
        "points": f"{recovered} of {visited} recovered",
        "doubled_at": round_.doubled_at,
        "wrong": wrong,
        "ok": not wrong and figures.lost == figures.missing == figures.unlisted == 0,
    }


def points(only: str = "") -> list[str]:
    """Return the names of all points that the project declares."""
    from celery import current_app
    from django.urls import get_resolver

    from apps.common import faults

    current_app.loader.import_default_modules()
    get_resolver().url_patterns  # noqa: B018 - imports the views, and so every service
    return sorted(point for point in faults.POINTS if only in point)


class Round:
    """The visit of all points, one after the other, in one house."""

    def __init__(self, installation: Installation) -> None:
        self.installation = installation
        self.triggers = Triggers(installation, make_cast(installation.url, people=3))
        self.armed = installation.folder / "armed"
        self.doubled_at: dict[str, int] = {}
        self.doubled = 0

    def tally(self) -> Tally:
        """Compare the outbox with the mail server."""
        return tally(self.installation, acknowledged=self.triggers.acknowledged)

    def visit(self, point: str) -> str:
        """Arm the point, do what leads there, revive what died; return what is wrong, or nothing."""
        print(point, file=sys.stderr, flush=True)
        act = self.triggers.begin(point, arm=lambda: self.armed.write_text(point))
        if not processes.wait_until(lambda: not self.armed.exists(), seconds=PATIENCE):
            self.armed.unlink(missing_ok=True)
            return "was never passed"
        time.sleep(0.1)
        self.installation.revive()
        act.join(PATIENCE)
        if act.is_alive():
            return "the client got no answer"
        if not self.calm():
            return f"{open_mails()} mails stay open"
        return self._compare(point) or self.triggers.check()

    def calm(self) -> bool:
        """Wait until no mail is open; return whether that came about."""
        return processes.wait_until(self._all_is_sent, seconds=PATIENCE, pause=0.3)

    def _all_is_sent(self) -> bool:
        """Return whether no mail waits; what waits for a lease or a backoff need not, as if time had passed."""
        from django.utils import timezone

        from apps.notifications.models import OPEN_STATES, Notification

        self.installation.revive()
        dead = Notification.objects.filter(mail_state__in=OPEN_STATES, next_attempt_at__gt=timezone.now())
        dead.update(next_attempt_at=timezone.now())
        return not open_mails()

    def _compare(self, point: str) -> str:
        found = self.tally()
        if new := found.doubled - self.doubled:
            self.doubled_at[point] = new
            self.doubled = found.doubled
        if found.lost or found.missing or found.unlisted:
            return found.line()
        if point in self.doubled_at and point not in MAY_DOUBLE:
            return f"doubled {self.doubled_at[point]}"
        return ""
