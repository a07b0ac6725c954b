"""JSON made by PostgreSQL, from the serializers that say what a thing looks like.

`json_of(TaskSerializer())` is an expression for `.values_list()`; it costs no model instance, and
it cannot drift from the serializer, whose fields it reads. Its output is the serializer's to the
letter: instants end in `Z` and show microseconds only when there are any.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Expression, F, Func, Model, OuterRef, Q, QuerySet, Subquery, TextField, Value, When
from django.db.models.expressions import Combinable
from rest_framework import serializers

WITH_FRACTION = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
WITHOUT_FRACTION = 'YYYY-MM-DD"T"HH24:MI:SS"Z"'

_joins: ContextVar[bool] = ContextVar("joins", default=False)


class JsonObject(Func):
    """`json_build_object`: keeps the order of the keys, unlike jsonb."""

    function = "json_build_object"

    def __init__(self, **fields: Combinable) -> None:
        arguments = [part for name, expression in fields.items() for part in (Value(name), expression)]
        super().__init__(*arguments, output_field=TextField())


class JsonArray(Func):
    """The JSON objects of a subquery's rows as one JSON array, in the subquery's order."""

    function = "array_to_json"

    def __init__(self, rows: QuerySet[Any, Any]) -> None:
        super().__init__(ArraySubquery(rows), output_field=TextField())


class AsText(Func):
    """An expression as text: JSON leaves PostgreSQL as it is and is not parsed again."""

    template = "(%(expressions)s)::text"

    def __init__(self, expression: Combinable) -> None:
        super().__init__(expression, output_field=TextField())


class Instant(Func):
    """An instant as DRF writes it (ISO 8601, UTC, `Z`); null stays null."""

    def __init__(self, column: str) -> None:
        super().__init__(F(column), output_field=TextField())

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        column, params = compiler.compile(self.source_expressions[0])
        utc = f"{column} AT TIME ZONE 'UTC'"
        text = (
            f"to_char({utc}, CASE WHEN date_trunc('second', {column}) = {column} "
            f"THEN '{WITHOUT_FRACTION}' ELSE '{WITH_FRACTION}' END)"
        )
        return text, [*params, *params, *params]


def json_of(serializer: serializers.Serializer[Any], path: str = "") -> JsonObject:
    """Return the JSON object that `serializer` makes of a row (of the relation at `path`).

    A field that is no plain column says so itself in `json_sql(path) -> Expression`. What is shown only when it is
    asked for (`Meta.optional`) is left out.
    """
    optional = getattr(getattr(serializer, "Meta", None), "optional", ())
    shown = {name: field for name, field in serializer.fields.items() if not field.write_only and name not in optional}
    return JsonObject(**values_of(shown, path))


def values_of(fields: Mapping[str, Any], path: str = "") -> dict[str, Combinable]:
    """Return {name: value in SQL} of a serializer's fields, for a row (of the relation at `path`)."""
    return {name: _value(field, path) for name, field in fields.items()}


def _value(field: Any, path: str) -> Combinable:
    if make := getattr(field, "json_sql", None):
        expression: Expression = make(path)
        return expression
    column = path + field.source.replace(".", "__")
    if isinstance(field, serializers.ModelSerializer):
        return referred(field.Meta.model, column, lambda inner, _outer: json_of(field, inner))
    if isinstance(field, serializers.Serializer):
        return present(column, json_of(field, f"{column}__"))
    if isinstance(field, serializers.DateTimeField):
        return Instant(column)
    return F(column)


@contextmanager
def joining() -> Iterator[None]:
    """Let the JSON that is built inside take the rows that others refer to by joins, see `referred`."""
    token = _joins.set(True)
    try:
        yield
    finally:
        _joins.reset(token)


def referred(
    model: type[Model], relation: str, shown: Callable[[str, Callable[[str], Combinable]], Expression]
) -> Combinable:
    """Return what is shown of the row of `model` at the end of `relation`, or null when there is none.

    `shown(path, outer)` makes it: `path` leads to that row, `outer(name)` is a column of the row that refers to it.

    It is looked up for the rows that are shown. Inside `joining()` it comes by a join, which is cheaper for a row, but
    comes before sorting, and so for every row that could be shown.
    """
    if _joins.get():
        return present(relation, shown(f"{relation}__", F))
    return looked_up(model, f"{relation}_id", shown("", OuterRef))


def looked_up(model: type[Model], column: str, shown: Expression) -> Subquery:
    """Return `shown` of the row of `model` whose id is in `column`, or null for no id."""
    return Subquery(model._base_manager.filter(pk=OuterRef(column)).values_list(shown), output_field=TextField())


def present(relation: str, shown: Expression) -> Case:
    """Return `shown`, or null when there is nobody at the end of `relation`."""
    return Case(When(Q(**{f"{relation}__isnull": False}), then=shown), default=None, output_field=TextField())
