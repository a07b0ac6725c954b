"""Wake the worker after a commit; the wake-up carries no data and may be lost without harm.

A thread of its own talks to the broker, so no request ever waits for Redis. Many wake-ups of
one job in a short time become one. What a lost wake-up leaves behind, the next sweep finds.
"""

from __future__ import annotations

import logging
import os
import threading
import time

from celery import current_app
from django.conf import settings
from django.db import transaction

from apps.common.background.breaker import redis_breaker
from apps.common.background.wake import publish_wake
from apps.common.faults import declare, fault_point

declare("web.committed", "web.nudged")

logger = logging.getLogger(__name__)

EXPIRES = 30  # seconds; later the sweep has been there
STREAMS = ""  # in place of a job: only the streams are woken
PAUSE = 0.1  # seconds between messages; what is wanted meanwhile becomes one


class Nudger:
    """Collects job names and sends one empty message for each from a background thread."""

    def __init__(self) -> None:
        self._wanted: set[str] = set()
        self._changed = threading.Condition()
        self._owner = 0

    def want(self, job: str) -> None:
        """Ask for `job`; returns at once."""
        with self._changed:
            self._wanted.add(job)
            if self._owner != os.getpid():  # first use in this process, or in a fork of one that had a thread
                self._owner = os.getpid()
                threading.Thread(target=self._run, name="nudger", daemon=True).start()
            self._changed.notify()

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._wanted:
                    self._changed.wait()
                jobs, self._wanted = self._wanted, set()
            for job in jobs - {STREAMS}:
                self._send(job)
            self._wake_streams()
            time.sleep(PAUSE)

    def _send(self, job: str) -> None:
        if redis_breaker.is_open:
            return
        try:
            current_app.send_task(job, retry=False, expires=EXPIRES, ignore_result=True)
        except Exception as error:  # noqa: BLE001 - whatever the broker's client raises, the sweep makes good
            redis_breaker.failed(error)
        else:
            redis_breaker.succeeded()
            fault_point("web.nudged")

    def _wake_streams(self) -> None:
        if redis_breaker.is_open:
            return
        try:
            publish_wake()
        except Exception as error:  # noqa: BLE001 - as above: the streams look by themselves
            redis_breaker.failed(error)


_nudger = Nudger()


def nudge(job: str) -> None:
    """Wake `job` (its Celery name) after the running transaction commits."""
    if settings.ENVIRONMENT == "test" and not getattr(settings, "NUDGE", False):
        return

    def wake() -> None:
        fault_point("web.committed")
        _nudger.want(job)

    # A plain function, not functools.partial: Django 5.2 cannot report a failing partial and raises instead.
    transaction.on_commit(wake, robust=True)


def wake_streams() -> None:
    """Let the live stream look at what changed, after the running transaction commits; every nudge does it as well."""
    nudge(STREAMS)
