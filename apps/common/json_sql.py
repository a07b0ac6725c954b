"""JSON made by PostgreSQL: expressions for `.values_list()` that cost no model instance.

The shapes are those of the serializers, to the letter: instants end in `Z` and show microseconds
only when there are any.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Case, Expression, F, Func, Q, TextField, Value, When

WITH_FRACTION = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'
WITHOUT_FRACTION = 'YYYY-MM-DD"T"HH24:MI:SS"Z"'


class JsonObject(Func):
    """`json_build_object`: keeps the order of the keys, unlike jsonb."""

    function = "json_build_object"

    def __init__(self, **fields: Expression | F | str) -> None:
        arguments: list[Any] = []
        for name, expression in fields.items():
            arguments += [Value(name), F(expression) if isinstance(expression, str) else expression]
        super().__init__(*arguments, output_field=TextField())


class AsText(Func):
    """An expression as text: JSON leaves PostgreSQL as it is and is not parsed again."""

    template = "(%(expressions)s)::text"

    def __init__(self, expression: Expression | F) -> None:
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


def when_present(column: str, shown: Expression) -> Case:
    """Return `shown`, or null when `column` is null (a person who is not there)."""
    return Case(When(Q(**{f"{column}__isnull": False}), then=shown), default=None, output_field=TextField())
