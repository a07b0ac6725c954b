"""How a condition holds its values: bound when a kept statement runs, or at once in a queryset."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import BigIntegerField, DateField, DateTimeField, Expression, Field, Q, TextField, Value

from apps.common.lists.criteria import USER
from apps.common.lists.search import words_as_parameters
from apps.common.sql.statements import AnyOf, Parameter
from apps.common.text.words import Words


class Binder:
    """Gives each value of a filter a parameter of its own, and notes what decides the text of the statement."""

    def __init__(self, prefix: str) -> None:
        self.prefix = prefix
        self.values: dict[str, Any] = {}  # by parameter name
        self.shape: list[Any] = []
        self.user: Any = USER
        self.is_required = False  # whether nothing is found without the test that is being composed

    def value(self, value: int | str | date | datetime) -> Expression:
        """Return the expression in a value's place."""
        name = self._name()
        self.values[name] = value
        return Parameter(name, _field_of(value))

    def ids(self, column: str, ids: Sequence[int]) -> Q:
        """Return the condition that a column is one of the ids.

        A single one is an equality, which lets an index that begins with the column give the order too.
        """
        self.shape.append(len(ids) == 1)
        if len(ids) == 1:
            return Q(**{column: self.value(ids[0])})
        name = self._name()
        self.values[name] = list(ids)
        return Q(AnyOf(column, name))

    def words(self, words: Words) -> Words:
        """Return words to search for with expressions in them."""
        shape, values, given = words_as_parameters(words, self._name())
        self.values |= values
        self.shape.append(shape)
        return given

    def _name(self) -> str:
        return f"{self.prefix}:{len(self.values)}"


class ValueBinder(Binder):
    """Leaves the values in the condition, for a queryset that runs once."""

    def __init__(self, user: Any) -> None:
        super().__init__("")
        self.user = user

    def value(self, value: int | str | date | datetime) -> Expression:
        return Value(value, output_field=_field_of(value))

    def ids(self, column: str, ids: Sequence[int]) -> Q:
        return Q(**{f"{column}__in": list(ids)})

    def words(self, words: Words) -> Words:
        return words


def _field_of(value: int | str | date | datetime) -> Field[Any, Any]:
    if isinstance(value, datetime):
        return DateTimeField()
    if isinstance(value, date):
        return DateField()
    return TextField() if isinstance(value, str) else BigIntegerField()
