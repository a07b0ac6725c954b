"""Log a person's newest tasks again and again."""

from __future__ import annotations

import logging
import signal
import threading
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection

from apps.tasks.queries.newest import LIMIT, log_newest
from apps.users.models import User

LOGGER = logging.getLogger("apps.tasks.queries.newest")
FORMAT = "%(asctime)s %(message)s"


class Command(BaseCommand):
    help = "Log a person's newest tasks every --interval seconds until stopped (Ctrl-C, SIGTERM), or --once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--user", type=int, required=True, metavar="ID", help="Whose tasks.")
        parser.add_argument("--interval", type=float, default=60, metavar="SECONDS")
        parser.add_argument("--once", action="store_true", help="Log once and end.")
        parser.add_argument("--limit", type=int, default=LIMIT, help="How many tasks.")
        parser.add_argument("--log-file", type=Path, metavar="FILE", help="Append to this file too.")

    def handle(
        self, *, user: int, interval: float, once: bool, limit: int, log_file: Path | None, **options: Any
    ) -> None:
        if interval <= 0 or limit < 1:
            raise CommandError("--interval and --limit must be positive.")
        stop = threading.Event()
        handler = _file_handler(log_file) if log_file else None
        previous = {number: signal.signal(number, lambda *_: stop.set()) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            _log(user, limit)
            while not once and not stop.wait(interval):
                _log(user, limit)
        finally:
            for number, action in previous.items():
                signal.signal(number, action)
            if handler:
                LOGGER.removeHandler(handler)
                handler.close()


def _log(user_id: int, limit: int) -> None:
    """Log once; a database that is away for a moment does not end the command."""
    try:
        log_newest(user_id=user_id, limit=limit)
    except User.DoesNotExist:
        raise CommandError(f"There is no user with the id {user_id}.") from None
    except OperationalError as error:
        LOGGER.warning("The database does not answer: %s", error)
        connection.close()  # the next round makes a new one


def _file_handler(path: Path) -> logging.Handler:
    try:
        handler = logging.FileHandler(path, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"Cannot write {path}: {error}") from error
    handler.setFormatter(logging.Formatter(FORMAT))
    LOGGER.addHandler(handler)
    return handler
