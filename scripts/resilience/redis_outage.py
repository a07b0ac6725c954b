"""Stops, freezes and flushes Redis under load: the API must not notice, and no mail may be lost."""

from __future__ import annotations

import argparse
import sys
import threading
import time
from pathlib import Path
from typing import Any

from scripts.resilience.installation import Installation
from scripts.resilience.tally import tally, wait_for_calm
from scripts.resilience.traffic import Account, Accounts, Client, assign_tasks, make_cast

AFTER = 30  # seconds within which mail flows once Redis answers again
SLOWEST = 1.0  # seconds that a request may take


def arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options."""
    parser.add_argument("--seconds", type=float, default=60, help="length of each outage")
    parser.add_argument("--flushes", type=int, default=10)
    parser.add_argument("--rate", type=float, default=10, help="notifications a second")
    parser.add_argument("--sweep", action="store_true", help="run `sweep --loop` beside, which needs no Redis")


def run(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Take Redis away in three ways while tasks are assigned."""
    with Installation(folder) as installation:
        for part in ("web", "worker", "beat", *(["sweep"] if options.sweep else [])):
            installation.start(part)
        installation.wait_for_web()
        installation.open_django()
        outage = Outage(installation, options)
        outage.warm_up()
        waits = {
            "stopped": outage.stopped(),
            "frozen": outage.frozen(),
            "flushed": outage.flushed(),
        }
        figures = tally(installation, acknowledged=outage.acknowledged)
    limit = 5 if options.sweep else AFTER
    prompt = all(wait is not None and wait <= limit for wait in waits.values())
    polite = outage.account.errors() == 0 and 0 not in outage.account.statuses and outage.account.slowest <= SLOWEST
    return figures.as_dict() | {
        "answers": outage.account.statuses,
        "api_errors": outage.account.errors(),
        "slowest_request": round(outage.account.slowest, 3),
        "seconds_to_calm": waits,
        "slowest_during_outage": outage.slowest_mail,
        "ok": prompt and polite and figures.lost == figures.missing == figures.doubled == 0,
    }


class Outage:
    """Load, and what is done to Redis meanwhile."""

    def __init__(self, installation: Installation, options: argparse.Namespace) -> None:
        self.installation, self.options = installation, options
        self.account = Account()
        self.acknowledged: list[int] = []
        self.slowest_mail: dict[str, float] = {}
        self.accounts: Accounts = make_cast(installation.url)

    def warm_up(self) -> None:
        """Let every process have been used once before anything is measured."""
        client = Client(self.installation.url, self.accounts.token)
        for _ in range(20):
            client.ask("GET", "/api/tasks/")
        wait_for_calm(seconds=30)

    def stopped(self) -> float | None:
        """Stop the server, and start it again."""
        print("stopped", file=sys.stderr, flush=True)
        load = self._load(self.options.seconds)
        self.installation.stack.valkey.stop()
        load.join()
        self._note("stopped")
        self.installation.stack.valkey.start()
        return wait_for_calm(seconds=AFTER * 2)

    def frozen(self) -> float | None:
        """Freeze it: it takes connections and never answers."""
        print("frozen", file=sys.stderr, flush=True)
        load = self._load(self.options.seconds)
        self.installation.stack.valkey.freeze()
        load.join()
        self._note("frozen")
        self.installation.stack.valkey.thaw()
        return wait_for_calm(seconds=AFTER * 2)

    def flushed(self) -> float | None:
        """Take everything out of it, again and again."""
        print("flushed", file=sys.stderr, flush=True)
        load = self._load(min(self.options.seconds, self.options.flushes * 2))
        for _ in range(self.options.flushes):
            self.installation.stack.valkey.command("FLUSHALL")
            time.sleep(min(1.0, self.options.seconds / self.options.flushes))
        load.join()
        self._note("flushed")
        return wait_for_calm(seconds=AFTER * 2)

    def _note(self, name: str) -> None:
        """Keep how long mails waited that were taken while the outage lasted."""
        from django.db.models import F, Max

        from apps.notifications.models import Notification

        waits = Notification.objects.filter(mail_state="sent").aggregate(most=Max(F("sent_at") - F("created_at")))
        self.slowest_mail[name] = round(waits["most"].total_seconds(), 1) if waits["most"] else 0.0

    def _load(self, seconds: float) -> threading.Thread:
        count = int(seconds * self.options.rate)
        began = time.monotonic()
        turns = iter(range(count))

        def pace() -> None:
            time.sleep(max(0.0, began + next(turns, 0) / self.options.rate - time.monotonic()))

        def work() -> None:
            self.acknowledged += assign_tasks(
                self.accounts, self.installation.url, count=count, threads=2, account=self.account, pace=pace
            )

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        return thread
