"""Contract M1: migrate beside traffic gives way, goes on, and says for whom it waits."""

from __future__ import annotations

from io import StringIO

import psycopg
import pytest
from django.core.management import call_command
from django.core.management.commands.migrate import Command as MigrateCommand
from django.db import OperationalError, connection
from django.db.migrations.recorder import MigrationRecorder
from psycopg.errors import LockNotAvailable

from apps.common.management.commands import migrate

IN_USE = "SELECT count(*) FROM reports_report"
NEWEST = "SELECT count(*) FROM information_schema.columns WHERE (table_name, column_name) = ('reports_report', 'lease')"


@pytest.fixture
def reader(transactional_db):
    """Yield a connection that reads the table of reports in a transaction; their newest migration is not applied."""
    call_command("migrate", "reports", "0002", verbosity=0)
    other = psycopg.connect(**connection.get_connection_params())
    other.execute(IN_USE)
    yield other
    other.close()
    call_command("migrate", verbosity=0)


class Notices(StringIO):
    """Ends the reader's transaction when somebody is said to use the table for the second time."""

    def __init__(self, reader: psycopg.Connection) -> None:
        super().__init__()
        self.reader = reader

    def write(self, text: str) -> int:
        if text in self.getvalue():
            self.reader.rollback()
        return super().write(text)


def is_applied() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(NEWEST)
        return cursor.fetchone() == (1,)


def test_m1_a_migration_gives_way_to_who_reads_and_begins_again(reader, settings):
    settings.MIGRATE_LOCK_TIMEOUT_MS = 50
    notices = Notices(reader)

    call_command("migrate", "reports", verbosity=0, stderr=notices)

    assert is_applied()
    with connection.cursor() as cursor:
        cursor.execute("SHOW lock_timeout")
        assert cursor.fetchone() == ("0",)  # what holds for a migration holds for nothing else
    assert notices.getvalue().count("Somebody uses the table, trying again: ") == 2


def test_m1_a_lock_that_never_comes_ends_the_migration_with_its_reason(reader, settings, monkeypatch):
    settings.MIGRATE_LOCK_TIMEOUT_MS = 50
    monkeypatch.setattr(migrate, "ATTEMPTS", 2)

    with pytest.raises(OperationalError, match="lock timeout"):
        call_command("migrate", "reports", verbosity=0)

    assert not is_applied()


def test_m1_what_is_committed_in_between_begins_a_new_count_of_attempts(db, monkeypatch):
    """Each step of a long upgrade may have to wait; only a place that never comes on ends it."""
    monkeypatch.setattr(migrate, "ATTEMPTS", 2)
    monkeypatch.setattr(migrate, "PAUSE", (0, 0))
    steps = iter([*range(5), 5])

    def one_step_and_a_lock(*args: object, **options: object) -> None:
        step = next(steps)
        if step < 5:
            MigrationRecorder(connection).record_applied("reports", f"step {step}")
            raise OperationalError from LockNotAvailable("canceling statement due to lock timeout")

    monkeypatch.setattr(MigrateCommand, "handle", one_step_and_a_lock)
    monkeypatch.setattr(connection, "close", lambda: None)  # it would end the test's transaction

    call_command("migrate", verbosity=0, stderr=StringIO())

    assert next(steps, None) is None
