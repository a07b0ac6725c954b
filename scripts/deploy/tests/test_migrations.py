"""Migrations may run while people work: squawk has nothing to say about their SQL."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader

SQUAWK = Path(sys.executable).parent / "squawk"
# Taste in column types; time limits, which scripts/entrypoint sets for the whole migration.
EXCLUDED = (
    "prefer-text-field",
    "prefer-bigint-over-int",
    "prefer-bigint-over-smallint",
    "require-lock-timeout",
    "require-statement-timeout",
    "prefer-robust-stmts",  # AddIndexOnline drops what an earlier attempt left
)
# Part of the first installation: their tables were made a moment before and are empty.
FIRST_INSTALLATION = {("projects", "0002_exactly_one_owner"), ("tasks", "0002_composite_foreign_keys")}


def complaints(sql: str) -> str:
    done = subprocess.run(
        [SQUAWK, "--pg-version", "15.0", "--exclude", ",".join(EXCLUDED), "--reporter", "gcc", "--stdin-filepath", "m"],
        input=sql,
        capture_output=True,
        text=True,
        check=False,
        env={},
    )
    return done.stdout if done.returncode else ""


def ours() -> list[tuple[str, str]]:
    loader = MigrationLoader(None)
    return sorted(
        key for key, migration in loader.disk_migrations.items() if type(migration).__module__.startswith("apps.")
    )


@pytest.mark.django_db(transaction=True)  # indexes are built outside of one
def test_no_migration_blocks_the_running_version():
    found = {}
    for app, name in ours():
        out = io.StringIO()
        call_command("sqlmigrate", app, name, stdout=out)
        if (app, name) not in FIRST_INSTALLATION and (said := complaints(out.getvalue())):
            found[f"{app} {name}"] = said

    print(f"{len(ours())} migrations, {len(found)} with complaints")
    assert len(ours()) >= 10
    assert found == {}
    assert connection.vendor == "postgresql"


@pytest.mark.parametrize(
    "sql",
    [
        "CREATE INDEX slow ON tasks_task (title);",
        "ALTER TABLE tasks_task ALTER COLUMN title SET NOT NULL;",
        "ALTER TABLE tasks_task RENAME COLUMN title TO name;",
        "ALTER TABLE tasks_task ADD CONSTRAINT c CHECK (number > 0);",
    ],
)
def test_what_would_block_or_break_the_running_version_is_found(sql):
    assert complaints(sql)
