"""Kills processes and disturbs the mail server at random while notifications flow, then counts."""

from __future__ import annotations

import argparse
import random
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from scripts.resilience.installation import Installation
from scripts.resilience.tally import open_mails, tally, wait_for_calm
from scripts.resilience.traffic import Account, assign_tasks, make_cast

CALM = 60  # seconds in which everything must have arrived once the outages are over
PARTS = ("web", "worker-1", "worker-2", "beat")
REJECTED = "person0@"  # this mailbox does not exist while the server answers 550


def arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options."""
    parser.add_argument("--seconds", type=float, default=60, help="how long the outages last, at least")
    parser.add_argument("--seed", type=int, default=1, help="the same seed chooses the same outages")
    parser.add_argument("--notifications", type=int, default=2_000, help="how many are sent meanwhile")


def run(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Degrade a house and return the figures."""
    with Installation(folder) as installation:
        for part in PARTS:
            installation.start(part)
        installation.wait_for_web()
        installation.open_django()
        chaos = Chaos(installation, options)
        acknowledged = chaos.run()
        began = time.monotonic()
        calm = wait_for_calm(seconds=CALM * 4, meanwhile=installation.revive)
        figures = tally(installation, acknowledged=acknowledged)
        found = figures.as_dict() | {
            "kills": chaos.kills,
            "outages": chaos.outages,
            "api_errors": chaos.account.errors(),
            "seconds_to_calm": round(calm, 1) if calm is not None else f"over {time.monotonic() - began:.0f}",
        }
        well = figures.lost == figures.missing == figures.unlisted == 0 and figures.doubled <= figures.uncertain
        return found | {"ok": well and calm is not None and calm <= CALM}


class Chaos:
    """One run: traffic in the background, kills and outages in the main thread (which alone may start processes)."""

    def __init__(self, installation: Installation, options: argparse.Namespace) -> None:
        self.installation, self.options = installation, options
        self.random = random.Random(options.seed)
        self.account = Account()
        self.kills = self.outages = 0
        self.acknowledged: list[int] = []
        self.error: BaseException | None = None

    def run(self) -> list[int]:
        """Let traffic flow until everybody is notified and the time is over; return the acknowledged tasks."""
        accounts = make_cast(self.installation.url)
        began = time.monotonic()
        gap = self.options.seconds * 0.9 / self.options.notifications
        due = iter(range(self.options.notifications))

        def pace() -> None:
            time.sleep(max(0.0, began + next(due, 0) * gap - time.monotonic()))

        def traffic() -> None:
            try:
                self.acknowledged = assign_tasks(
                    accounts,
                    self.installation.url,
                    count=self.options.notifications,
                    threads=8,
                    account=self.account,
                    pace=pace,
                )
            except BaseException as error:  # noqa: BLE001 - raised again in the main thread
                self.error = error

        thread = threading.Thread(target=traffic, daemon=True)
        thread.start()
        while thread.is_alive() or time.monotonic() - began < self.options.seconds:
            self._outage()
            self._say(time.monotonic() - began)
        if self.error is not None:
            raise self.error
        self._end_outages()
        return self.acknowledged

    def _say(self, seconds: float) -> None:
        print(
            f"{seconds:5.0f} s: {self.kills} kills, {self.outages} outages, {open_mails()} mails open",
            file=sys.stderr,
            flush=True,
        )

    def _outage(self) -> None:
        """Do one bad thing, wait, and start again what died, as a supervisor would."""
        deeds: list[Callable[[], None]] = [self._kill, self._kill, self._kill_one_child, self._stop, self._terminate]
        deeds += [self._mail_down, self._mail_behaves, self._mail_behaves]
        self.random.choice(deeds)()
        time.sleep(self.random.uniform(0.2, 1.5))
        self.installation.revive()

    def _part(self) -> str:
        return self.random.choice(PARTS)

    def _kill(self) -> None:
        self.installation.kill(self._part())
        self.kills += 1

    def _kill_one_child(self) -> None:
        """Kill one process of a worker or of gunicorn and leave the others."""
        self.installation.kill_child(self.random.choice(["web", "worker-1", "worker-2"]), self.random)
        self.kills += 1

    def _stop(self) -> None:
        """Freeze a part for a while."""
        part = self._part()
        self.installation.signal(part, signal.SIGSTOP)
        time.sleep(self.random.uniform(0.2, 3))
        self.installation.signal(part, signal.SIGCONT)
        self.kills += 1

    def _terminate(self) -> None:
        self.installation.processes[self._part()].terminate()
        self.kills += 1

    def _mail_down(self) -> None:
        self.installation.mail.stop()
        time.sleep(self.random.uniform(0.5, 4))
        self.installation.mail.start()
        self.outages += 1

    def _mail_behaves(self) -> None:
        mode = self.random.choice(["hang", "421", "450", "550", "drop", "drop-kept"])
        # One mailbox at a time: who is rejected again and again waits longer each time, and rightly so.
        recipient = REJECTED if mode == "550" else f"person{self.random.randrange(1, 20)}@"
        self.installation.mail.behave(mode, recipient=recipient)
        time.sleep(self.random.uniform(0.5, 3))
        self.installation.mail.behave("ok")
        self.outages += 1

    def _end_outages(self) -> None:
        self.installation.mail.behave("ok")
        self.installation.revive()
