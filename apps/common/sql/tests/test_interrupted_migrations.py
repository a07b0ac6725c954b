"""Contract M1 to M4: a migration that is interrupted anywhere goes on when it is run again."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunSQL, SeparateDatabaseAndState

from apps.common.sql.migrations import READ_STEPS, OnlineMigration

# What a database is made of, by name
CATALOG = {
    "columns": """
        SELECT table_name || '.' || column_name, data_type, is_nullable, column_default, collation_name
        FROM information_schema.columns WHERE table_schema = 'public' ORDER BY 1
    """,
    "constraints": """
        SELECT conrelid::regclass::text || '.' || conname, pg_get_constraintdef(oid), convalidated
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace ORDER BY 1
    """,
    "indexes": """
        SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid), indisvalid
        FROM pg_index JOIN pg_class ON oid = indexrelid WHERE relnamespace = 'public'::regnamespace ORDER BY 1
    """,
    "triggers": "SELECT tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal ORDER BY 1",
}
PRELUDE = 2  # statements with which OnlineMigration looks how far it came


class Interrupted(Exception):
    """Stands for the end of the process."""


class Interruption:
    """Raises Interrupted when `after` statements have been executed."""

    def __init__(self, after: int) -> None:
        self.left = after

    def __call__(self, execute, sql, params, many, context):
        result = execute(sql, params, many, context)
        self.left -= 1
        if self.left == 0:
            raise Interrupted(sql)
        return result


@pytest.fixture
def empty_database(transactional_db):
    """Let the connection lead to a new, empty database, and afterwards to the test's own again."""
    own = connection.settings_dict["NAME"]
    name = f"{own}_interrupted"
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    use(name)
    yield own
    use(own)
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def use(name: str) -> None:
    connection.close()
    connection.settings_dict["NAME"] = name


def catalog() -> dict[str, list[tuple[object, ...]]]:
    found = {}
    for kind, query in CATALOG.items():
        with connection.cursor() as cursor:
            cursor.execute(query)
            found[kind] = cursor.fetchall()
    return found


def steps_done(migration: Migration) -> int:
    with connection.cursor() as cursor:
        cursor.execute(READ_STEPS, [migration.app_label, migration.name])
        return (cursor.fetchone() or (0,))[0]


def apply_with_interruptions(executor: MigrationExecutor, migration: Migration, state):
    """Apply the migration, cut off behind each of its statements in turn; return the state after it, and how often."""
    attempts, done, after = 0, -1, PRELUDE
    while True:
        after += 1
        attempts += 1
        try:
            with connection.execute_wrapper(Interruption(after)):
                return executor.apply_migration(state.clone(), migration), attempts
        except Interrupted:
            connection.close()
            if steps_done(migration) != done:
                done, after = steps_done(migration), PRELUDE


def ours() -> list[Migration]:
    return [one for one in MigrationLoader(None).disk_migrations.values() if type(one).__module__.startswith("apps.")]


def test_every_migration_without_a_transaction_of_its_own_can_go_on():
    assert [str(one) for one in ours() if not one.atomic and not isinstance(one, OnlineMigration)] == []


@pytest.mark.slow
def test_m1_a_migration_that_is_interrupted_anywhere_goes_on(empty_database):
    executor = MigrationExecutor(connection)
    executor.recorder.ensure_schema()
    interrupted = 0
    state = executor._create_project_state(with_applied_migrations=True)
    for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True):
        if isinstance(migration, OnlineMigration):
            state, attempts = apply_with_interruptions(executor, migration, state)
            interrupted += attempts - 1
        else:
            state = executor.apply_migration(state, migration)
    print(f"{interrupted} interruptions")
    pieced = catalog()
    use(empty_database)

    assert interrupted > 100
    assert pieced == catalog()


class Sample(OnlineMigration):
    """Nothing in it could be run twice but the index, which is built outside of transactions."""

    operations = [
        RunSQL("CREATE TABLE sample (id int)", "DROP TABLE sample"),
        RunSQL(["ALTER TABLE sample ADD COLUMN a int", "ALTER TABLE sample ADD COLUMN b int"], RunSQL.noop),
        RunSQL(["DROP INDEX CONCURRENTLY IF EXISTS of_a", "CREATE INDEX CONCURRENTLY of_a ON sample (a)"], RunSQL.noop),
        SeparateDatabaseAndState(
            [RunSQL("ALTER TABLE sample ADD COLUMN c int", RunSQL.noop), RunSQL("DROP INDEX of_a", RunSQL.noop)]
        ),
    ]


def test_m1_a_step_is_done_once_and_after_undoing_anew(transactional_db):
    executor, sample = MigrationExecutor(connection), Sample("sample", "common")
    state = executor.loader.project_state()

    for _ in range(2):
        after, attempts = apply_with_interruptions(executor, sample, state)
        assert (steps_done(sample), attempts > 10) == (5, True)
        assert [row[0] for row in catalog()["columns"] if row[0].startswith("sample.")] == [
            f"sample.{name}" for name in ("a", "b", "c", "id")
        ]
        executor.unapply_migration(after, sample)
        assert steps_done(sample) == 0
