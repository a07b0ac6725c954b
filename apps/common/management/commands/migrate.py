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
from django.db.migrations.recorder import MigrationRecorder

from apps.common.transactions import sqlstate_of

TRIED_AGAIN = {"55P03", "40P01"}  # lock_not_available, deadlock_detected: PostgreSQL, appendix A
ATTEMPTS = 300  # at one place, ten minutes or more; after that somebody holds a lock who must be looked for
PAUSE = (0.2, 1.0)  # seconds between two attempts, at random: the others go on meanwhile
STEPS = "SELECT coalesce(sum(done), 0) FROM migration_steps"


class Command(MigrateCommand):
    """Goes on behind the last committed migration, or step of an OnlineMigration, until all are applied."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate. Raises OperationalError when a lock has not come in ATTEMPTS at one place.

        What counts is the place, not the time: a table of a million rows is filled for longer than anybody
        should wait for a lock.
        """
        connection, place, attempts = connections[options["database"]], None, 0
        with _short_waits(connection):
            while True:
                try:
                    super().handle(*args, **options)
                except OperationalError as error:
                    if sqlstate_of(error) not in TRIED_AGAIN:
                        raise
                    connection.close()  # with what the step had set for its session
                    before, place = place, _place(connection)
                    attempts = attempts + 1 if place == before else 1
                    if attempts >= ATTEMPTS:
                        raise
                    first = str(error).strip().partition("\n")[0]
                    self.stderr.write(f"Somebody uses the table, trying again: {first}")
                    connection.close()
                    time.sleep(random.uniform(*PAUSE))  # noqa: S311 - no secret
                else:
                    return


def _place(connection: Any) -> tuple[int, int]:
    """Return how many migrations, and steps of unfinished ones, are committed."""
    applied = len(MigrationRecorder(connection).applied_migrations())
    with connection.cursor() as cursor:
        if "migration_steps" not in connection.introspection.table_names(cursor):
            return applied, 0
        cursor.execute(STEPS)
        return applied, int(cursor.fetchone()[0])


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
