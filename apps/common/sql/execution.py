"""How prepared statements are executed: by a cursor the first time, without one from then on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, DiagnosticField, ExecStatus, TransactionStatus
from psycopg.types.datetime import TimestamptzLoader

T = TypeVar("T")


def at_once(
    connection: psycopg.Connection[Any], served: bytes, values: Sequence[Any]
) -> tuple[list[tuple[Any, ...]], int] | None:
    """Return the rows of a statement that psycopg has prepared, and how many it touched; None for what cursors must do.

    A cursor costs more than PostgreSQL takes for a small statement. It still prepares and begins transactions, and
    psycopg keeps and drops the names; here a statement that has one is executed by it.
    """
    pgconn = connection.pgconn
    status = pgconn.transaction_status
    if status != TransactionStatus.INTRANS and not (status == TransactionStatus.IDLE and connection.autocommit):
        return None
    transformer = _kept(connection, _transformer)
    params = transformer.dump_sequence(values, [PyFormat.AUTO] * len(values))
    name = connection._prepared._names.get((served, transformer.types or ()))
    if name is None:
        return None
    result = pgconn.exec_prepared(name, params, transformer.formats)
    if result.status == ExecStatus.TUPLES_OK:
        transformer.set_pgresult(result)
        rows = transformer.load_rows(0, result.ntuples, tuple)
        transformer.set_pgresult(None)
        return rows, len(rows)
    if result.status == ExecStatus.COMMAND_OK:
        return [], result.command_tuples or 0
    if pgconn.status != ConnStatus.OK and not result.error_field(DiagnosticField.SQLSTATE):
        raise psycopg.OperationalError(result.get_error_message())
    raise error_from_result(result)


def cursor_of(connection: psycopg.Connection[Any]) -> psycopg.RawCursor[Any]:
    """Return the connection's own cursor for prepared statements: a new one for each would learn all types again."""
    return _kept(connection, _cursor)


def _cursor(connection: psycopg.Connection[Any]) -> psycopg.RawCursor[Any]:
    cursor = psycopg.RawCursor(connection)
    # Django's own loader is written in Python, and takes a tenth of the time of a list.
    cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
    return cursor


def _transformer(connection: psycopg.Connection[Any]) -> Any:
    return Transformer(cursor_of(connection))


def _kept(connection: psycopg.Connection[Any], make: Callable[[psycopg.Connection[Any]], T]) -> T:
    """Return what `make` made for this connection, at the first call."""
    kept: dict[Any, T] = connection.__dict__.setdefault("kept", {})
    found = kept.get(make)
    if found is None:
        found = kept[make] = make(connection)
    return found
