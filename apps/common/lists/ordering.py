"""Orders that a keyset can walk: named keys, ending in `id`, nulls last both ways."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import (
    BigIntegerField,
    BooleanField,
    DateTimeField,
    Expression,
    F,
    Field,
    Func,
    IntegerField,
    OrderBy,
    Q,
    TextField,
    UUIDField,
    Value,
)
from django.db.models.functions import Coalesce
from django.utils.dateparse import parse_datetime

from apps.common.errors import ValidationError

MAX_KEYS = 3
KINDS = (DateTimeField, IntegerField, TextField, UUIDField)  # which `OrderKey.parse` reads


class Infinity(Func):
    """PostgreSQL's `infinity` timestamp as a literal, so that an index on the expression is found."""

    def __init__(self, sign: str = "") -> None:
        super().__init__(output_field=DateTimeField(), template=f"'{sign}infinity'::timestamptz")


class RowComparison(Func):
    """`(a, b) > (x, y)` compared as SQL rows (PostgreSQL manual §9.25.5): one index condition."""

    conditional = True

    def __init__(self, operator: str, left: Sequence[Any], right: Sequence[Any]) -> None:
        super().__init__(*left, *right, output_field=BooleanField())
        self.operator = operator
        self.width = len(left)

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        parts, params = [], []
        for expression in self.source_expressions:
            sql, expression_params = compiler.compile(expression)
            parts.append(sql)
            params.extend(expression_params)
        left, right = ", ".join(parts[: self.width]), ", ".join(parts[self.width :])
        return f"({left}) {self.operator} ({right})", params


@dataclass(frozen=True)
class OrderKey:
    """What a name in `ordering=` sorts by.

    `expression` is a column or an expression, `kind` one of text, instant, number;
    `nullable` keys must be instants. One that `is_complete` gives every row of a list another place: it stands alone.
    """

    expression: Expression | F
    kind: type[Field[Any, Any]] = TextField
    nullable: bool = False
    is_complete: bool = False

    def __post_init__(self) -> None:
        if not issubclass(self.kind, KINDS):
            raise TypeError(f"No cursor has a value of {self.kind.__name__}.")

    def sorted_by(self, *, descending: bool) -> Expression | F:
        """Return the expression in ORDER BY; nulls become the far end."""
        if not self.nullable:
            return self.expression
        return Coalesce(self.expression, Infinity("-" if descending else ""))

    def bound(self, value: Any, *, descending: bool) -> Expression:
        """Return `value` (parsed, or an expression in its place) as the other side of the comparison."""
        if value is None:
            return Infinity("-" if descending else "")
        return value if isinstance(value, Expression) else Value(value, output_field=self.kind())

    def parse(self, value: Any) -> Any:
        """Return the Python value of a cursor's JSON value; ValueError when it is none of this kind."""
        if value is None and self.nullable:
            return None
        if self.kind is DateTimeField:
            instant = parse_datetime(value) if isinstance(value, str) else None
            if instant is None or instant.tzinfo is None:
                raise ValueError(value)
            return instant.astimezone(UTC)
        if issubclass(self.kind, IntegerField):  # of any size
            if type(value) is not int or abs(value) >= 2**63:
                raise ValueError(value)
        elif not isinstance(value, str) or "\x00" in value:
            raise ValueError(value)
        elif self.kind is UUIDField:
            return UUID(value)
        else:
            value.encode()  # a lone surrogate is a ValueError here, not later in the driver
        return value

    @staticmethod
    def dump(value: Any) -> Any:
        """Return the JSON value for a cursor."""
        if isinstance(value, datetime):
            return value.isoformat()
        return str(value) if isinstance(value, UUID) else value


ID = OrderKey(F("id"), kind=BigIntegerField)
UUID_ID = OrderKey(F("id"), kind=UUIDField)  # of tables whose ids are UUIDs


@dataclass(frozen=True)
class Order:
    """A whole order: (key, descending) pairs, the last one `id` or one that is complete."""

    keys: tuple[tuple[OrderKey, bool], ...]

    @classmethod
    def parse(cls, text: str, choices: Mapping[str, OrderKey], *, last: OrderKey = ID) -> Order:
        """Read `-due_date,title`; `last` decides between equals. ValidationError lists the choices."""
        names = [name.strip() for name in text.split(",")]
        bare = [name.removeprefix("-") for name in names]
        if len(names) > MAX_KEYS or len(set(bare)) < len(bare) or any(name not in choices for name in bare):
            known = ", ".join(choices)
            raise ValidationError.at(
                "/ordering",
                "invalid_choice",
                f"Order by up to {MAX_KEYS} of: {known}; `-` in front for descending.",
            )
        keys = [(choices[name.removeprefix("-")], name.startswith("-")) for name in names]
        if not any(key.is_complete for key, _ in keys):
            keys.append((last, keys[0][1]))
        elif len(keys) > 1:
            alone = next(name for name in bare if choices[name].is_complete)
            raise ValidationError.at("/ordering", "invalid_choice", f"An order by {alone} takes no other key.")
        return cls(tuple(keys))

    def order_by(self, *, backward: bool) -> list[OrderBy]:
        """Return the ORDER BY terms; `backward` walks the same order from its end."""
        return [
            OrderBy(key.sorted_by(descending=descending), descending=descending != backward)
            for key, descending in self.keys
        ]

    def parse_values(self, values: Sequence[Any]) -> list[Any]:
        """Return a cursor's values as Python's; ValueError when they do not fit the keys."""
        return [key.parse(value) for (key, _), value in zip(self.keys, values, strict=True)]

    def beyond(self, values: Sequence[Any], *, backward: bool) -> Q | RowComparison:
        """Return the condition for the rows after `values` (before them when `backward`)."""
        left = [key.sorted_by(descending=d) for key, d in self.keys]
        right = [key.bound(value, descending=d) for (key, d), value in zip(self.keys, values, strict=True)]
        descending = [d != backward for _, d in self.keys]
        if len(set(descending)) == 1:
            return RowComparison("<" if descending[0] else ">", left, right)
        condition = Q()
        for width in range(len(left) - 1, -1, -1):
            step = Q(RowComparison("<" if descending[width] else ">", [left[width]], [right[width]]))
            if width < len(left) - 1:
                same = Q(RowComparison("=", [left[width]], [right[width]]))
                step |= same & condition
            condition = step
        return condition
