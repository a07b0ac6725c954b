"""Search by words as a filter: words are part of the values, not of the shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Expression, Q, TextField
from django_filters import rest_framework as filters

from apps.common.lists.criteria import CompositeFilterValue
from apps.common.lists.filters import SearchTextField
from apps.common.sql.statements import Parameter
from apps.common.text.normal_form import normal_form
from apps.common.text.words import PATTERNS, HasParts, Words, pattern_of, pieces_of


def words_as_parameters(words: Words, name: str) -> tuple[bool, dict[str, Any], Words]:
    """Return (shape, values by parameter name, the same words with parameters in them)."""
    values = {f"{name}_query": words.query, f"{name}_patterns": words.patterns}
    patterns = Parameter(f"{name}_patterns", PATTERNS) if words.patterns else ()
    return bool(words.patterns), values, Words(Parameter(f"{name}_query", TextField()), patterns)


@dataclass(frozen=True)
class NameSearch(CompositeFilterValue):
    """A text that names are searched for: each of its words as a part, or without words all of it."""

    patterns: Sequence[str] | Expression

    @classmethod
    def parse(cls, text: str) -> NameSearch:
        """Read `text`, which must be storable: no NUL, no lone surrogates."""
        return cls([pattern_of(piece) for piece in pieces_of(text) or [normal_form(text)]])

    def as_parameters(self, name: str) -> tuple[Any, dict[str, Any], NameSearch]:
        return "=", {name: self.patterns}, NameSearch(Parameter(name, PATTERNS))

    def found_in(self, *columns: str) -> Q:
        """Return the condition that the columns together have all of it."""
        return Q(HasParts(self.patterns, *columns))


class NameSearchField(SearchTextField):
    """Words or a part of a name."""

    def clean(self, value: Any) -> NameSearch | None:  # type: ignore[override]
        text = super().clean(value)
        return NameSearch.parse(text) if text else None


class NameSearchFilter(filters.Filter):
    """Rows whose names are found; the filter's method is given a NameSearch."""

    field_class = NameSearchField
