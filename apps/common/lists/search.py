"""Search by words as a filter: words are part of the values, not of the shape."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, TextField
from django_filters import rest_framework as filters

from apps.common.lists.criteria import CompositeFilterValue
from apps.common.lists.filters import SearchTextField
from apps.common.sql.statements import Parameter
from apps.common.text.normal_form import normal_form
from apps.common.text.words import PATTERNS, Contains, Words, pattern_of


def words_as_parameters(words: Words, name: str) -> tuple[bool, dict[str, Any], Words]:
    """Return (shape, values by parameter name, the same words with parameters in them)."""
    values = {f"{name}_query": words.query, f"{name}_parts": words.parts}
    parts = Parameter(f"{name}_parts", PATTERNS) if words.parts else ()
    return bool(words.parts), values, Words(Parameter(f"{name}_query", TextField()), parts)


@dataclass(frozen=True)
class NameSearch(CompositeFilterValue):
    """A text that names are searched for: by its words, or as a part of a name."""

    words: Words
    part: str | Parameter

    @classmethod
    def parse(cls, text: str) -> NameSearch:
        """Read `text`, which must be storable: no NUL, no lone surrogates."""
        return cls(Words.parse(text), pattern_of(normal_form(text)))

    def as_parameters(self, name: str) -> tuple[Any, dict[str, Any], NameSearch]:
        shape, values, words = words_as_parameters(self.words, name)
        return shape, values | {f"{name}_part": self.part}, NameSearch(words, Parameter(f"{name}_part", TextField()))

    def found_in(self, *columns: str) -> Q:
        """Return the condition that the columns have all the words, or contain the whole text as it stands."""
        return self.words.found_in(*columns) | Q(Contains(self.part, *columns))


class NameSearchField(SearchTextField):
    """Words or a part of a name."""

    def clean(self, value: Any) -> NameSearch | None:  # type: ignore[override]
        text = super().clean(value)
        return NameSearch.parse(text) if text else None


class NameSearchFilter(filters.Filter):
    """Rows whose names are found; the filter's method is given a NameSearch."""

    field_class = NameSearchField
