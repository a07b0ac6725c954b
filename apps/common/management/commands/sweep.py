"""Do what Beat would do now, or all the time, with neither Redis nor Celery's worker."""

from __future__ import annotations

import logging
import signal
import threading
import time
from typing import Any

from celery import current_app
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections

logger = logging.getLogger(__name__)

PAUSE = 1.0  # seconds between two looks at the schedule


class Command(BaseCommand):
    """`sweep` runs every periodic job once; `--loop` runs each at its interval until SIGTERM."""

    help = "Do what Beat and the worker would do now; --loop goes on until stopped. Needs no Redis."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--loop", action="store_true", help="run each job at its interval until stopped")

    def handle(self, *args: Any, **options: Any) -> None:
        schedule = {entry["task"]: float(entry["schedule"]) for entry in settings.CELERY_BEAT_SCHEDULE.values()}
        current_app.loader.import_default_modules()
        if options["loop"]:
            self._loop(schedule)
            return
        failed = [job for job in schedule if not run(job)]
        if failed:
            self.stderr.write(f"Failed: {', '.join(failed)}; see the log.")
            raise SystemExit(1)

    def _loop(self, schedule: dict[str, float]) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        due = dict.fromkeys(schedule, 0.0)  # all of them at once, to begin with
        while not stop.is_set():
            for job, interval in schedule.items():
                if stop.is_set():
                    return
                if time.monotonic() >= due[job]:
                    due[job] = time.monotonic() + interval
                    run(job)
            stop.wait(PAUSE)


def run(job: str) -> bool:
    """Run a job here until it has nothing more to do; return whether it ended well."""
    try:
        close_old_connections()
        while current_app.tasks[job]() is True:
            pass
    except Exception:
        logger.exception("The job %s failed", job)
        return False
    finally:
        close_old_connections()
    return True
