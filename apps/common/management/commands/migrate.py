"""Django's migrate beside traffic: it never waits long for a lock, and begins again instead of failing."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.core.management.commands.migrate import Command as MigrateCommand
from django.db import OperationalError, connections

from apps.common.transactions import sqlstate_of

TRIED_AGAIN = {"55P03", "40P01"}  # lock_not_available, deadlock_detected: PostgreSQL, appendix A
PATIENCE = 600.0  # seconds; after that somebody holds a lock who must be looked for
PAUSE = (0.2, 1.0)  # seconds between two attempts, at random: the others go on meanwhile


class Command(MigrateCommand):
    """Goes on behind the last committed migration, or step of an OnlineMigration, until all are applied."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate. Raises OperationalError when a lock has not come within PATIENCE."""
        deadline, connection = time.monotonic() + PATIENCE, connections[options["database"]]
        with _short_waits(connection):
            while True:
                try:
                    super().handle(*args, **options)
                except OperationalError as error:
                    if sqlstate_of(error) not in TRIED_AGAIN or time.monotonic() > deadline:
                        raise
                    first = str(error).strip().partition("\n")[0]
                    self.stderr.write(f"Somebody uses the table, trying again: {first}")
                    connection.close()  # with what the step had set for its session
                    time.sleep(random.uniform(*PAUSE))  # noqa: S311 - no secret
                else:
                    return


@contextmanager
def _short_waits(connection: Any) -> Iterator[None]:
    """Let sessions wait at most MIGRATE_LOCK_TIMEOUT_MS for a lock, also after RESET: it is set as they are opened."""
    options = connection.settings_dict["OPTIONS"]
    before = dict(options)
    options["options"] = f"{options.get('options', '')} -c lock_timeout={settings.MIGRATE_LOCK_TIMEOUT_MS}".strip()
    connection.close()
    try:
        yield
    finally:
        options.clear()
        options.update(before)
        connection.close()
