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
from django.db.models import BigIntegerField, BooleanField, Expression, F, Func, Q, TextField, Value
from django.db.models.expressions import Col

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
    """What a text asks for: a tsquery for the index, and patterns that the text itself must be LIKE.

    Both may be expressions in place of the values. An empty `query` finds nothing.
    """

    query: str | Expression
    patterns: Sequence[str] | Expression = ()

    @classmethod
    def parse(cls, text: str) -> Words:
        """Read `text`: all its words, the last one as a prefix; emoji only where there is no word."""
        pieces = pieces_of(text)
        terms = [term for piece in pieces for term in _terms(piece, is_last=piece is pieces[-1])]
        parts = [piece for piece in pieces if len(piece) > 2 and _UNSPACED.match(piece)]
        return cls(" & ".join(dict.fromkeys(terms)), [pattern_of(part) for part in dict.fromkeys(parts)])

    def asked_in(self, projects: Sequence[int | Expression]) -> Words:
        """Return the same to be asked of `WordsInProject`, in one or more projects by their ids."""
        return Words(AskedInProjects(self.query, projects), self.patterns)

    def found_in(self, words: Expression, *columns: str) -> Q:
        """Return the condition that `words`, the tsvector of the columns, and the columns themselves have all of it."""
        return self.indexed_in(words) & self.parts_in(*columns)

    def parts_in(self, *columns: str) -> Q:
        """Return the condition that the columns have the parts that the index knows in pairs alone."""
        return Q(HasParts(self.patterns, *columns)) if self.patterns else Q()

    def indexed_in(self, words: Expression) -> Q:
        """Return the condition that a tsvector has all of it: true of all that `found_in` finds, and of some more."""
        query = self.query if isinstance(self.query, Expression) else Value(self.query, TextField())
        return Q(HasWords(words, query))


def pieces_of(text: str) -> list[str]:
    """Return the words of a query in normal form, at most MAX_WORDS; without a word its emoji."""
    form = normal_form(text)
    return (_PIECES.findall(_BETWEEN.sub(" ", f" {form}")) or _SYMBOL.findall(form))[:MAX_WORDS]


def pattern_of(form: str) -> str:
    """Return the pattern for LIKE that finds a text in normal form anywhere."""
    escaped = form.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


def _terms(piece: str, *, is_last: bool) -> list[str]:
    """Return the terms of a tsquery for one word; no word has a character that needs an escape there."""
    if not _UNSPACED.match(piece):
        return [f"'{piece[:WORD_LENGTH]}'" + (":*" if is_last else "")]
    if len(piece) == 1:  # begins a pair, or is the last of its run
        return [f"'{piece}':*"]
    starts = [*range(0, len(piece) - 1, 2), len(piece) - 2][-MAX_WORDS:]
    return [f"'{piece[start : start + 2]}'" for start in starts]


class HasWords(Func):
    """Whether a tsvector has what a tsquery, given as text, asks for."""

    conditional = True

    def __init__(self, words: Expression, query: Expression) -> None:
        super().__init__(words, query, output_field=BooleanField())

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        (words, first), (query, second) = (compiler.compile(part) for part in self.source_expressions)
        return f"{words} @@ ({query})::tsquery", [*first, *second]


class WordsInProject(Func):
    """The words of a row as its project has them, `'15/fix'`: in an index, a prefix of these meets no other project."""

    function = "words_in_project"

    def __init__(self, project: str, words: Expression) -> None:
        super().__init__(F(project), words, output_field=SearchVectorField())


# Each term of a tsquery stands in quotes behind a blank or at the beginning, and has neither in it, see `_terms`
_SCOPED = "replace(' ' || {query}, ' ''', ' ''' || {project}::text || '/')"


class AskedInProjectOf(Func):
    """What a tsquery, as text, is for `WordsInProject` in the project of a column; NULL, which finds nothing, for none.

    The column is that of a row which is read before: there an index is asked for one project after the other.
    """

    def __init__(self, query: str | Expression, column: Col) -> None:
        asked = query if isinstance(query, Expression) else Value(query, TextField())
        super().__init__(asked, column, output_field=TextField())

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        (query, asked), (project, column) = (compiler.compile(part) for part in self.source_expressions)
        return _SCOPED.format(query=f"NULLIF({query}, '')", project=project), [*asked, *column]


class AskedInProjects(Func):
    """What a tsquery, as text, is for `WordsInProject`: that one of the projects has all of it.

    NULL, which finds nothing, for an empty one.
    """

    def __init__(self, query: str | Expression, projects: Sequence[int | Expression]) -> None:
        asked = query if isinstance(query, Expression) else Value(query, TextField())
        ids = [each if isinstance(each, Expression) else Value(each, BigIntegerField()) for each in projects]
        super().__init__(asked, *ids, output_field=TextField())

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        (query, asked), *projects = (compiler.compile(part) for part in self.source_expressions)
        ids = ", ".join(text for text, _ in projects)
        scoped = _SCOPED.format(query="query", project="project")
        text = (
            f"SELECT string_agg('(' || {scoped} || ')', ' | ')"  # noqa: S608 - the compiler's own text
            f" FROM (SELECT {query} AS query) asked, unnest(ARRAY[{ids}]::bigint[]) project WHERE query <> ''"
        )
        return f"({text})", [*asked, *(value for _, values in projects for value in values)]


class SearchWords(Func):
    """The words of a column as a tsvector, which no index has."""

    function = "search_words"

    def __init__(self, column: str) -> None:
        super().__init__(column, output_field=SearchVectorField())


class HasParts(Func):
    """Whether the columns, one after the other, are LIKE each of the patterns, as written or in normal form."""

    conditional = True

    def __init__(self, patterns: Sequence[str] | Expression, *columns: str) -> None:
        text = _Joined(*columns)
        given = patterns if isinstance(patterns, Expression) else Value(list(patterns), PATTERNS)
        super().__init__(text, NormalForm(text), given, output_field=BooleanField())

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        (text, first), (form, second), (patterns, third) = (compiler.compile(part) for part in self.source_expressions)
        # Most text is written as it is compared, and the normal form is the dear part
        return f"({text} LIKE ALL({patterns}) OR {form} LIKE ALL({patterns}))", [*first, *third, *second, *third]


class _Joined(Func):
    template = "(%(expressions)s)"
    arg_joiner = " || ' ' || "

    def __init__(self, *columns: Any) -> None:
        super().__init__(*columns, output_field=TextField())


class WordsColumn(Expression):
    """A tsvector that the database keeps beside a model's columns: no row carries it, only searches name it."""

    def __init__(self, name: str) -> None:
        super().__init__(output_field=SearchVectorField())
        self.name = name

    def resolve_expression(self, query: Any = None, *args: Any, **options: Any) -> Col:  # type: ignore[override]
        """Return the column of the table that the model's primary key is in."""
        pk: Any = F("pk").resolve_expression(query, *args, **options)
        column = SearchVectorField()
        column.set_attributes_from_name(self.name)
        return Col(pk.alias, column)
