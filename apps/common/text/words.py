"""Words to search for, and the words of stored text.

Every run of letters, digits and marks is a word, whatever stands between. Scripts that are written without spaces are
found by any part: the index has their letters in pairs, and longer parts are compared with the text itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVectorField
from django.db.models import BooleanField, Expression, Func, Q, TextField, Value

from apps.common.text.functions import WORD_LENGTH
from apps.common.text.normal_form import NormalForm, normal_form
from apps.common.text.tables import LONE_MARKS, SEPARATORS, SYMBOLS, UNSPACED, character_class

MAX_WORDS = 16  # more say nothing new, and a query is as slow as it is long

PATTERNS = ArrayField(TextField())

_BETWEEN = re.compile(f"[{character_class(SEPARATORS)}][{character_class(LONE_MARKS)}]*")
_PIECES = re.compile(f"[{character_class(UNSPACED)}]+|[^ {character_class(UNSPACED)}]+")
_UNSPACED = re.compile(f"[{character_class(UNSPACED)}]")
_SYMBOL = re.compile(f"[{character_class(SYMBOLS)}]")


@dataclass(frozen=True)
class Words:
    """What a text asks for: a tsquery for the index, and what the text itself must be LIKE.

    Both may be expressions in place of the values. An empty `query` finds nothing.
    """

    query: str | Expression
    parts: Sequence[str] | Expression = ()

    @classmethod
    def parse(cls, text: str) -> Words:
        """Read `text`: all its words, the last one as a prefix; emoji only where there is no word."""
        form = normal_form(text)
        pieces = _PIECES.findall(_BETWEEN.sub(" ", f" {form}")) or _SYMBOL.findall(form)
        pieces = pieces[:MAX_WORDS]
        terms = [term for piece in pieces for term in _terms(piece, is_last=piece is pieces[-1])]
        parts = [piece for piece in pieces if len(piece) > 2 and _UNSPACED.match(piece)]
        return cls(" & ".join(dict.fromkeys(terms)), [f"%{part}%" for part in dict.fromkeys(parts)])

    def found_in(self, *columns: str) -> Q:
        """Return the condition that the columns together have all of it; an index on SearchWords of them serves it."""
        query = self.query if isinstance(self.query, Expression) else Value(self.query, TextField())
        condition = Q(HasWords(query, *columns))
        if isinstance(self.parts, Expression):
            return condition & Q(HasParts(self.parts, *columns))
        return condition & Q(HasParts(Value(self.parts, PATTERNS), *columns)) if self.parts else condition


def _terms(piece: str, *, is_last: bool) -> list[str]:
    """Return the terms of a tsquery for one word; no word has a character that needs an escape there."""
    if not _UNSPACED.match(piece):
        return [f"'{piece[:WORD_LENGTH]}'" + (":*" if is_last else "")]
    if len(piece) == 1:  # begins a pair, or is the last of its run
        return [f"'{piece}':*"]
    starts = [*range(0, len(piece) - 1, 2), len(piece) - 2][-MAX_WORDS:]
    return [f"'{piece[start : start + 2]}'" for start in starts]


class SearchWords(Func):
    """The words of some columns as a tsvector: the expression of an index and of the condition that uses it."""

    function = "search_words"
    arg_joiner = " || ' ' || "

    def __init__(self, *columns: Any) -> None:
        super().__init__(*columns, output_field=SearchVectorField())


class HasWords(Func):
    """Whether the columns have what a tsquery, given as text, asks for."""

    conditional = True
    template = "%(expressions)s"
    arg_joiner = " @@ "

    def __init__(self, query: Any, *columns: Any) -> None:
        super().__init__(SearchWords(*columns), _TSQuery(query), output_field=BooleanField())


class HasParts(Func):
    """Whether the columns are LIKE each of an array of patterns, as they are written or in normal form."""

    conditional = True

    def __init__(self, patterns: Any, *columns: Any) -> None:
        text = _Joined(*columns)
        super().__init__(text, NormalForm(text), patterns, output_field=BooleanField())

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        (text, first), (form, second), (patterns, third) = (compiler.compile(part) for part in self.source_expressions)
        # Most text is written as it is compared, and the normal form is the dear part
        return f"({text} LIKE ALL({patterns}) OR {form} LIKE ALL({patterns}))", [*first, *third, *second, *third]


class Contains(Func):
    """Whether the columns are LIKE a pattern in normal form, see `pattern_of`."""

    conditional = True
    template = "%(expressions)s"
    arg_joiner = " LIKE "

    def __init__(self, pattern: str | Expression, *columns: str) -> None:
        given = pattern if isinstance(pattern, Expression) else Value(pattern, TextField())
        super().__init__(NormalForm(_Joined(*columns)), given, output_field=BooleanField())


def pattern_of(form: str) -> str:
    """Return the pattern for LIKE that finds a text in normal form anywhere."""
    escaped = form.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


class _TSQuery(Func):
    template = "(%(expressions)s)::tsquery"

    def __init__(self, query: Any) -> None:
        super().__init__(query, output_field=TextField())


class _Joined(Func):
    template = "(%(expressions)s)"
    arg_joiner = " || ' ' || "

    def __init__(self, *columns: Any) -> None:
        super().__init__(*columns, output_field=TextField())
