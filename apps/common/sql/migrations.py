"""Operations for migrations that run while the former version serves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently, NotInTransactionMixin
from django.db.migrations import Migration
from django.db.migrations.operations import (
    AddConstraint,
    RemoveConstraint,
    RunPython,
    RunSQL,
    SeparateDatabaseAndState,
)
from django.db.migrations.operations.base import Operation
from django.db.transaction import atomic

# How many steps of a migration are committed: no model, since it must be there before any migration has run
CREATE_STEPS = """
CREATE TABLE IF NOT EXISTS migration_steps (app text, name text, done integer NOT NULL, PRIMARY KEY (app, name))
"""
READ_STEPS = "SELECT done FROM migration_steps WHERE (app, name) = (%s, %s)"
MARK_STEP = """
INSERT INTO migration_steps (app, name, done) VALUES (%s, %s, %s)
ON CONFLICT (app, name) DO UPDATE SET done = excluded.done
"""
FORGET_STEPS = "DELETE FROM migration_steps WHERE (app, name) = (%s, %s)"


class OnlineMigration(Migration):
    """A migration that commits each step by itself, and goes on behind the last one when it was interrupted.

    A process that ends, or a lock that does not come in time, leaves the steps before it. A step is one operation on
    the database. Its transaction notes that it is done; what cannot run in one (CONCURRENTLY, data in batches) must
    bear to run once more.
    """

    atomic = False

    def apply(self, project_state: Any, schema_editor: Any, collect_sql: bool = False) -> Any:
        """Apply the steps that are not done, and return the state behind all of them."""
        if collect_sql:
            return super().apply(project_state, schema_editor, collect_sql=True)
        connection = schema_editor.connection
        with connection.cursor() as cursor:
            cursor.execute(CREATE_STEPS)
            cursor.execute(READ_STEPS, [self.app_label, self.name])
            done = (cursor.fetchone() or (0,))[0]
        for number, (operation, before, after) in enumerate(self._steps(project_state), 1):
            if number <= done:
                continue
            with atomic(connection.alias) if _in_transaction(operation) else nullcontext():
                operation.database_forwards(self.app_label, schema_editor, before, after)
                while schema_editor.deferred_sql:
                    schema_editor.execute(schema_editor.deferred_sql.pop(0))
                with connection.cursor() as cursor:
                    cursor.execute(MARK_STEP, [self.app_label, self.name, number])
        return project_state

    def unapply(self, project_state: Any, schema_editor: Any, collect_sql: bool = False) -> Any:
        """Undo all steps, as Django does."""
        if not collect_sql:
            schema_editor.execute(FORGET_STEPS, [self.app_label, self.name])
        return super().unapply(project_state, schema_editor, collect_sql)

    def _steps(self, project_state: Any) -> Iterator[tuple[Operation, Any, Any]]:
        """Yield (operation, state before, state after), and move `project_state` on to its end."""
        for operation in self.operations:
            before = project_state.clone()
            operation.state_forwards(self.app_label, project_state)
            if not isinstance(operation, SeparateDatabaseAndState):
                yield operation, before, project_state
                continue
            for inner in operation.database_operations:
                after = before.clone()
                inner.state_forwards(self.app_label, after)
                yield inner, before, after
                before = after


def _in_transaction(operation: Operation) -> bool:
    if isinstance(operation, RunSQL):
        return "CONCURRENTLY" not in str(operation.sql)
    if isinstance(operation, RunPython):
        return bool(operation.atomic)
    return not isinstance(operation, NotInTransactionMixin | AddUniqueOnline | RemoveUniqueOnline)


class AddIndexOnline(AddIndexConcurrently):
    """Build an index beside the traffic, and build it anew when an earlier attempt was interrupted.

    Building waits for transactions that began before, and blocks nobody meanwhile: the limit that a migration sets
    for its locks would end it for nothing. An attempt that ends leaves an invalid index under the name.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        quoted = schema_editor.quote_name(self.index.name)
        schema_editor.execute("SET lock_timeout = 0")
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {quoted}")
        super().database_forwards(app_label, schema_editor, from_state, to_state)
        schema_editor.execute("RESET lock_timeout")


class AddUniqueOnline(AddConstraint):
    """Build the unique index of a constraint over expressions beside the traffic, see AddIndexOnline."""

    atomic = False

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = to_state.apps.get_model(app_label, self.model_name)
        if not self.allow_migrate_model(schema_editor.connection.alias, model):
            return
        statement = str(self.constraint.create_sql(model, schema_editor))
        schema_editor.execute("SET lock_timeout = 0")
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {schema_editor.quote_name(self.constraint.name)}")
        schema_editor.execute(statement.replace("CREATE UNIQUE INDEX", "CREATE UNIQUE INDEX CONCURRENTLY", 1))
        schema_editor.execute("RESET lock_timeout")


class RemoveUniqueOnline(RemoveConstraint):
    """Drop the unique index of a constraint over expressions without holding anybody up."""

    atomic = False

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = from_state.apps.get_model(app_label, self.model_name)
        if self.allow_migrate_model(schema_editor.connection.alias, model):
            schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {schema_editor.quote_name(self.name)}")
