"""Single rows written by statements that are compiled once and prepared: for the writes that come by the thousand.

What Django's `save()` does with a model's fields, without making the same SQL anew for each row and
without signals, which nobody here waits for.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Field, Model

from apps.common.sql.statements import bound, prepared


def insert(row: Model) -> None:
    """Write a new row, whose id the database makes; generated columns are read when somebody asks for them.

    Raises what Django's cursors raise.
    """
    fields, text = _insertion(type(row))
    [[row.pk]], _ = prepared(text, [_value(field, row, add=True) for field in fields])
    row._state.adding, row._state.db = False, connection.alias


def save_columns(row: Model, *names: str) -> None:
    """Write these fields of a row that is there, and locked. Raises what Django's cursors raise."""
    fields, text = _change(type(row), names)
    prepared(text, [_value(field, row, add=False) for field in fields])


@cache
def _insertion(model: type[Model]) -> tuple[list[Field[Any, Any]], str]:
    """Return the fields of a new row, and the statement that takes them and returns its id."""
    meta, quoted = model._meta, connection.ops.quote_name
    fields = [field for field in meta.concrete_fields if not field.primary_key and not field.generated]
    columns = ", ".join(quoted(str(field.column)) for field in fields)
    values = ", ".join(["%s"] * len(fields))
    table, pk = quoted(meta.db_table), quoted(str(meta.pk.column))
    return fields, f"INSERT INTO {table} ({columns}) VALUES ({values}) RETURNING {pk}"  # noqa: S608 - names of models


@cache
def _change(model: type[Model], names: tuple[str, ...]) -> tuple[list[Field[Any, Any]], str]:
    """Return the named fields with the primary key, and the statement that takes them."""
    meta, quoted = model._meta, connection.ops.quote_name
    fields: list[Field[Any, Any]] = [meta.get_field(name) for name in names]  # type: ignore[misc]
    steps = ", ".join(f"{quoted(str(field.column))} = %s" for field in fields)
    table, pk = quoted(meta.db_table), quoted(str(meta.pk.column))
    return [*fields, meta.pk], f"UPDATE {table} SET {steps} WHERE {pk} = %s"  # noqa: S608 - names of models


def _value(field: Field[Any, Any], row: Model, *, add: bool) -> Any:
    return bound(field.get_db_prep_save(field.pre_save(row, add), connection))
