"""Querysets compiled once per shape and prepared on the server, for what is asked thousands of times.

A hot read is still written as a queryset, with the same vocabulary (`visible_to`, `active`) as
everything else; only its values are left open, as `Parameter`s. Compiling a queryset costs more than
PostgreSQL needs to answer it, so it happens once per process.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, Generic, TypeVar
from uuid import uuid4

import psycopg
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections
from django.db.models import BigIntegerField, BooleanField, Expression, F, Field, Func, JSONField, Model, QuerySet
from django.db.models.base import ModelState
from psycopg import sql
from psycopg.types.numeric import Int8

from apps.common.monitoring.requests import count_statement
from apps.common.origin import current_door
from apps.common.sql.beside import PageWith
from apps.common.sql.execution import at_once, cursor_of

PLACEHOLDER = re.compile("%s|%%")
ID = re.compile(r"%s::(bigint(?:\[\])?)")
GIVEN = re.compile(r"%(?:(?P<percent>%)|(?:\((?P<name>\w+)\))?s)")
TEXTS = 1_024  # of statements whose form for the server a process keeps
LISTED_PROJECTS = "listed_projects"  # the parameter that the caller's API token gives
ROWS_AT_ONCE = 1_000  # of a stream
M = TypeVar("M", bound=Model)
R = TypeVar("R")


class Parameter(Expression):
    """A value that is bound when the statement runs: `filter(user=Parameter("user"))`."""

    def __init__(self, name: str, output_field: Field[Any, Any] | None = None) -> None:
        super().__init__(output_field=output_field or BigIntegerField())
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return f"%s::{self.output_field.db_type(connection)}", [self]


class AnyOf(Func):
    """`column = ANY(ids)`: a set of ids as one value, so that its size is not part of the shape.

    With `item` a set of other values.
    """

    conditional = True

    def __init__(self, column: str | Expression, parameter: str, item: Field[Any, Any] | None = None) -> None:
        given = F(column) if isinstance(column, str) else column
        values = Parameter(parameter, ArrayField(item or BigIntegerField()))
        super().__init__(given, values, output_field=BooleanField())

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        column, before = compiler.compile(self.source_expressions[0])
        ids, after = compiler.compile(self.source_expressions[1])
        return f"{column} = ANY({ids})", [*before, *after]


class AnyPairOf(Func):
    """`(a, b) IN (pairs)`: two columns and the parameters of their ids, as two lists of the same length."""

    conditional = True

    def __init__(self, first: tuple[str, str], second: tuple[str, str]) -> None:
        ids = ArrayField(BigIntegerField())
        columns, parameters = zip(first, second, strict=True)
        super().__init__(
            *map(F, columns), *(Parameter(parameter, ids) for parameter in parameters), output_field=BooleanField()
        )

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        parts = [compiler.compile(part) for part in self.source_expressions]
        columns, ids = (", ".join(text for text, _ in side) for side in (parts[:2], parts[2:]))
        return f"({columns}) IN (SELECT * FROM unnest({ids}))", [param for _, params in parts for param in params]  # noqa: S608 - the compiler's own text


class Statement:
    """A compiled queryset. `run` binds the parameters and returns the rows as tuples."""

    def __init__(
        self, queryset: QuerySet[Any, Any] | PageWith, *, is_count: bool = False, is_planned_once: bool = False
    ) -> None:
        """Compile `queryset`; with `is_count` the statement counts its rows instead.

        With `is_planned_once` PostgreSQL does not look at ids while it plans. It would plan anew at each run where it
        takes them to make a difference, which costs as much as a list; for statements whose plan they must not change.
        """
        compiler = queryset if isinstance(queryset, PageWith) else queryset.query.get_compiler(connection=connection)
        text, params = compiler.as_sql()
        if is_count:
            text = f"SELECT count(*) FROM ({text}) rows"  # noqa: S608 - the compiler's own text
        self._parameters = [param.name for param in params if isinstance(param, Parameter)]
        remaining = iter(params)
        # Constants become part of the text: a prepared statement may not guess their types.
        self.text = PLACEHOLDER.sub(lambda found: found[0] if found[0] == "%%" else _constant(next(remaining)), text)
        if is_planned_once:
            self.text = ID.sub(r"(SELECT %s::\1)::\1", self.text)

    def run(self, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Return the rows for these values of the parameters. Raises what Django's cursors raise."""
        return prepared(self.text, self._bound(values))[0]

    def run_within(self, milliseconds: int, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Return the same, or raise TimeoutError once PostgreSQL has worked on it for so long."""
        try:
            return within(milliseconds, self.text, self._bound(values))
        except OperationalError as error:
            if isinstance(error.__cause__, psycopg.errors.QueryCanceled):
                raise TimeoutError(milliseconds) from None
            raise

    def _bound(self, values: Mapping[str, Any]) -> list[Any]:
        if LISTED_PROJECTS in self._parameters:  # without such a token there is no list, and this fails
            values = {**values, LISTED_PROJECTS: list(current_door().projects)}  # type: ignore[arg-type]
        return [bound(values[name]) for name in self._parameters]

    def open(self, values: Mapping[str, Any]) -> RowStream:
        """Return the rows as a stream; they are those of the running transaction's snapshot."""
        return RowStream(self.text, self._bound(values))


class RowStream:
    """The rows of a statement, read from the server as they are wanted; they may outlive the transaction.

    The cursor is one WITH HOLD: PostgreSQL puts the rows aside when the transaction commits, so that whoever reads
    slowly keeps neither a transaction nor memory of ours. Behind a pooler that shares connections between
    transactions (DB_DISABLE_SERVER_SIDE_CURSORS) there is no such cursor, and the rows are fetched at once. To be
    closed. Raises what Django's cursors raise.
    """

    def __init__(self, text: str, params: Sequence[Any]) -> None:
        self._name = f"rows_{uuid4().hex}"
        self._is_held = not connections[DEFAULT_DB_ALIAS].settings_dict["DISABLE_SERVER_SIDE_CURSORS"]
        declared = f"DECLARE {self._name} NO SCROLL CURSOR WITH HOLD FOR {text}" if self._is_held else text
        self._cursor = _counted(text, lambda connection: connection.cursor().execute(declared, params))

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        with connections[DEFAULT_DB_ALIAS].wrap_database_errors:
            while rows := self._some():
                yield from rows

    def _some(self) -> list[tuple[Any, ...]]:
        if self._is_held:
            self._cursor.execute(f"FETCH FORWARD {ROWS_AT_ONCE} FROM {self._name}")
        return self._cursor.fetchmany(ROWS_AT_ONCE)

    def close(self) -> None:
        """Let the server forget the rows."""
        with suppress(psycopg.Error):  # a connection that is lost has forgotten them already
            if self._is_held:
                self._cursor.execute(f"CLOSE {self._name}")
            self._cursor.close()


class ModelStatement(Statement, Generic[M]):
    """A statement whose rows become instances with all their columns and annotations, as a locked row needs them.

    What `select_related` names, one step away, comes along, and what `defer` names stays behind.
    """

    def __init__(self, queryset: QuerySet[M, M]) -> None:
        left_out, _ = queryset.query.deferred_loading
        fields = [field for field in queryset.model._meta.concrete_fields if field.name not in left_out]
        related = queryset.query.select_related
        ends = {name: _foreign_key(queryset.model, name) for name in (related if isinstance(related, dict) else ())}
        own = _Part(queryset.model, "", fields, list(queryset.query.annotations))
        others = {name: _Part(end, f"{name}__", end._meta.concrete_fields) for name, end in ends.items()}
        self._own, self._related = own, []
        columns, start = [*own.paths], len(own.paths)
        for name, part in others.items():
            self._related.append((name, part, slice(start, start + len(part.paths))))
            columns, start = [*columns, *part.paths], start + len(part.paths)
        super().__init__(queryset.values_list(*columns))

    def all(self, values: Mapping[str, Any]) -> list[M]:
        """Return the rows as instances; those of one related row share it."""
        known: dict[tuple[str, Any], Any] = {}
        found: list[M] = []
        for row in self.run(values):
            related = {name: part.shared(name, row[place], known) for name, part, place in self._related}
            found.append(self._own.made(row[: len(self._own.paths)], **related))
        return found


class _Part:
    """The columns of a row that make one instance; the first is its primary key where it may be missing."""

    def __init__(
        self, model: type[Model], prefix: str, fields: Iterable[Field[Any, Any]], annotations: Sequence[str] = ()
    ) -> None:
        named = sorted(fields, key=lambda field: not field.primary_key)
        self._model = model
        self._columns = [*(field.attname for field in named), *annotations]
        # Django has drivers leave JSON as text
        self._json = [field.attname for field in named if isinstance(field, JSONField)]
        self.paths = [f"{prefix}{name}" for name in self._columns]

    def made(self, values: Sequence[Any], **related: Model | None) -> Any:
        row = instance(self._model, self._columns, values, **related)
        for name in self._json:
            row.__dict__[name] = None if row.__dict__[name] is None else json.loads(row.__dict__[name])
        return row

    def shared(self, name: str, values: Sequence[Any], known: dict[tuple[str, Any], Any]) -> Any:
        """Return the instance of another row that is known already, a new one, or None for no row."""
        if values[0] is None:
            return None
        found = known.get((name, values[0]))
        if found is None:
            found = known[name, values[0]] = self.made(values)
        return found


def instances(model: type[M], rows: Iterable[Sequence[Any]]) -> list[M]:
    """Return rows of the columns that `columns_of` names as instances."""
    part = _whole(model)
    return [part.made(row) for row in rows]


def columns_of(model: type[Model]) -> list[str]:
    """Return the names of all columns of a model."""
    return _whole(model).paths


@cache
def _whole(model: type[Model]) -> _Part:
    return _Part(model, "", model._meta.concrete_fields)


def _foreign_key(model: type[Model], name: str) -> type[Model]:
    field: Any = model._meta.get_field(name)
    end: type[Model] = field.remote_field.model
    return end


def instance(model: type[M], columns: Sequence[str], values: Sequence[Any], **related: Model | None) -> M:
    """Return a row of the database as an instance; columns that are not there are deferred.

    `related` are the instances at the end of its foreign keys, where they are known.

    What `from_db` does without the signals of a new instance, which nobody here waits for, and
    without asking each field: lists of them cost a fifth.
    """
    row = model.__new__(model)
    row._state = state = ModelState()
    state.adding, state.db, state.fields_cache = False, DEFAULT_DB_ALIAS, related
    row.__dict__.update(zip(columns, values, strict=True))
    return row


def prepared(text: str, params: Sequence[Any] | Mapping[str, Any]) -> tuple[list[tuple[Any, ...]], int]:
    """Execute SQL that is worth preparing; return its rows and how many it touched.

    Not with Django's cursor: that one binds in the client, and nothing could be prepared. Raises what
    Django's cursors raise.
    """
    served, values = _served(text, params)

    def run(connection: psycopg.Connection[Any]) -> tuple[list[tuple[Any, ...]], int]:
        found = at_once(connection, served, values) if settings.DB_PREPARE else None
        if found is not None:
            return found
        cursor = cursor_of(connection).execute(served, values, prepare=settings.DB_PREPARE)
        return cursor.fetchall() if cursor.pgresult and cursor.pgresult.nfields else [], cursor.rowcount

    return _counted(text, run)


def within(milliseconds: int, text: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Execute a SELECT under a time limit of its own; return its rows.

    Setting and resetting the limit travel with it, in one round trip. It is prepared once it has come often, so that
    many different ones do not drive others out. Raises what Django's cursors raise.
    """
    served, values = _served(text, params)

    def run(connection: psycopg.Connection[Any]) -> list[tuple[Any, ...]]:
        cursor = cursor_of(connection)
        with connection.pipeline():
            connection.execute(sql.SQL("SET statement_timeout = {}").format(milliseconds))
            cursor.execute(served, values)
            connection.execute("RESET statement_timeout")
        return cursor.fetchall()

    return _counted(text, run)


def _served(text: str, params: Sequence[Any] | Mapping[str, Any]) -> tuple[bytes, Sequence[Any]]:
    """Return a statement as the server reads it, and the values in its order."""
    served, names = _numbered(text)
    return served, [params[name] for name in names] if isinstance(params, Mapping) else params


@lru_cache(maxsize=TEXTS)
def _numbered(text: str) -> tuple[bytes, tuple[str, ...]]:
    """Return SQL with $1, $2 for its placeholders, and their names, where they have some, by number.

    psycopg does the same, but anew at every run of a statement of more than 4,096 bytes, as lists are.
    """
    numbers: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        if found["percent"]:
            return "%"
        return f"${numbers.setdefault(found['name'] or str(len(numbers)), len(numbers) + 1)}"

    return GIVEN.sub(number, text).encode(), tuple(numbers)


def _counted(text: str, run: Callable[[psycopg.Connection[Any]], R]) -> R:
    """Return what `run` makes of the thread's connection; it counts and is logged as a statement of Django's is.

    A function in place of a context manager, whose generator would cost a tenth of a small statement.
    """
    database: Any = connections[DEFAULT_DB_ALIAS]
    if database.connection is None:
        database.ensure_connection()
    database.validate_no_broken_transaction()
    began = time.perf_counter()
    with database.wrap_database_errors:
        found = run(database.connection)
    seconds = time.perf_counter() - began
    count_statement(seconds)
    if database.queries_logged:
        database.queries_log.append({"sql": text, "time": f"{seconds:.3f}"})
    return found


def _constant(param: Any) -> str:
    if isinstance(param, Parameter):
        return "%s"
    if isinstance(param, datetime):
        raise TypeError("An instant in a statement that is kept would grow old: use a Slot.")
    return sql.Literal(param).as_string(connection.connection).replace("%", "%%")


def _quoted(text: str) -> str:
    """Return a text as an item of an array literal (PostgreSQL manual, section 8.15.6)."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def bound(value: Any) -> Any:
    """Return a value as prepared statements take it.

    One type for all integers: psycopg would choose by size, and prepare a statement for each. A list
    of ids is written as PostgreSQL reads it: psycopg would look at them one by one, in Python.
    """
    if isinstance(value, list):
        if value and type(value[0]) is int:
            return f"{{{str(value)[1:-1]}}}"
        return f"{{{','.join(_quoted(item) if isinstance(item, str) else str(item) for item in value)}}}"
    return Int8(value) if type(value) is int else value
