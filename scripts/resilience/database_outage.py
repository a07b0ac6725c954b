"""Kills PostgreSQL with kill -9 under load: nothing acknowledged may be missing, and no answer may be a 500."""

from __future__ import annotations

import argparse
import sys
import threading
import time
from pathlib import Path
from typing import Any

from scripts.resilience.installation import Installation
from scripts.resilience.tally import tally, wait_for_calm
from scripts.resilience.traffic import Account, Client, assign_tasks, make_cast

BACK = 10.0  # seconds from the server's return to the first answer
EXPECTED = {201, 503}


def arguments(parser: argparse.ArgumentParser) -> None:
    """Name the options."""
    parser.add_argument("--kills", type=int, default=5)
    parser.add_argument("--away", type=float, default=2, help="seconds that the database stays away each time")
    parser.add_argument("--notifications", type=int, default=300, help="notifications in all, at an even pace")


def run(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Kill the database again and again while tasks are assigned."""
    with Installation(folder) as installation:
        for part in ("web", "worker", "beat"):
            installation.start(part)
        installation.wait_for_web()
        installation.open_django()
        accounts, account = make_cast(installation.url), Account()
        acknowledged: list[int] = []

        def load() -> None:
            acknowledged.extend(
                assign_tasks(
                    accounts,
                    installation.url,
                    count=options.notifications,
                    account=account,
                    pace=lambda: time.sleep(0.1),
                )
            )

        thread = threading.Thread(target=load, daemon=True)
        thread.start()
        back = [_kill(installation, accounts.token, options.away) for _ in range(options.kills)]
        thread.join()
        from django.db import connection

        connection.close()  # of the server that died
        calm = wait_for_calm(seconds=120)
        figures = tally(installation, acknowledged=acknowledged)
    well = figures.lost == figures.missing == figures.unlisted == 0 and figures.doubled <= figures.uncertain
    unexpected = [line for line in account.unexpected if ": 503 " not in line]
    return figures.as_dict() | {
        "answers": account.statuses,
        "unexpected": unexpected[:3],
        "seconds_until_back": [round(seconds, 1) for seconds in back],
        "ok": well and calm is not None and max(back) <= BACK and set(account.statuses) <= EXPECTED,
    }


def _kill(installation: Installation, token: str, away: float) -> float:
    """Kill the server, let it be away for `away` seconds; return the seconds from its return to an answer."""
    print("kill -9", file=sys.stderr, flush=True)
    time.sleep(2)
    installation.stack.postgres.kill()
    time.sleep(away)
    installation.stack.postgres.start()
    began = time.monotonic()
    client = Client(installation.url, token)
    while client.ask("GET", "/api/tasks/?page_size=1").status != 200:
        time.sleep(0.05)
    return time.monotonic() - began
