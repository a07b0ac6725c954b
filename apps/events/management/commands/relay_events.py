"""Send events to a sink, now or all the time."""

from __future__ import annotations

import logging
import signal
import threading
from argparse import ArgumentTypeError
from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError, close_old_connections
from django.utils.dateparse import parse_datetime

from apps.common.dates.instants import is_instant
from apps.events.relay.lock import relay_lock
from apps.events.relay.services import is_held, publish_again, publish_round
from apps.events.relay.sinks import SINKS, SinkError

logger = logging.getLogger(__name__)

PAUSE = 1.0  # seconds between two looks at the log
RETRY = 5.0  # seconds after a failure


def instant(text: str) -> datetime:
    """Return an ISO 8601 instant, UTC when it has no offset."""
    found = parse_datetime(text) if is_instant(text) else None
    if found is None:
        raise ArgumentTypeError(f"{text!r} is no instant, such as 2026-11-20T08:00:00Z")
    return found if found.tzinfo else found.replace(tzinfo=UTC)


class Command(BaseCommand):
    """`relay_events` goes on until SIGTERM; one relay works at a time, a second one waits for it to end."""

    help = "Send the event log to Valkey or Kafka, in order per project, until stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        default = settings.EVENT_SINK if settings.EVENT_SINK in SINKS else None
        parser.add_argument("--to", choices=sorted(SINKS), default=default, required=default is None)
        parser.add_argument("--once", action="store_true", help="end when nothing waits any more")
        parser.add_argument(
            "--since", type=instant, metavar="INSTANT", help="first send what was published again, from this time on"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        if not options["once"]:
            for number in (signal.SIGTERM, signal.SIGINT):
                signal.signal(number, lambda *_: stop.set())
        since: datetime | None = options["since"]
        while not stop.is_set():
            try:
                self._relay(options["to"], stop, since=since, once=options["once"])
                return
            except (SinkError, DatabaseError) as error:
                if options["once"]:
                    raise CommandError(str(error)) from error
                logger.warning("The relay begins anew in %s s: %s", RETRY, error)
                close_old_connections()
                stop.wait(RETRY)

    def _relay(self, name: str, stop: threading.Event, *, since: datetime | None, once: bool) -> None:
        with relay_lock(wait=True):
            sink = SINKS[name]()
            try:
                if once and is_held():
                    self.stdout.write("Events are held since a restore: release_mail lets them go.")
                sent = publish_again(sink, since=since) if since else 0
                while not stop.is_set():
                    found = publish_round(sink)
                    sent += found
                    if once and not found:
                        break
                    if not found:
                        stop.wait(PAUSE)
            finally:
                sink.close()
        self.stdout.write(f"{sent} events sent to {name}.")
