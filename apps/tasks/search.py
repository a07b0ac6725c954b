"""Full-text search over tasks: every word, the last one as a prefix, or a task's key."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import BooleanField, Expression, Q, QuerySet, TextField, Value
from django.db.models.expressions import Col

from apps.common.lists.criteria import CompositeFilterValue
from apps.common.lists.search import words_as_parameters
from apps.common.sql.statements import Parameter
from apps.common.text.normal_form import normal_form
from apps.common.text.words import AskedInProjectOf, HasWords, Words, WordsColumn, WordsInProject
from apps.projects.models import Membership
from apps.tasks.models import KEY, SEARCHED, WORDS_COLUMN, Task

T = TypeVar("T", bound="QuerySet[Any]")


@dataclass(frozen=True)
class Search(CompositeFilterValue):
    """A text that is searched for: its words, and project key and number if it is a task's key."""

    words: Words
    project_key: str | Parameter | None = None
    number: int | Parameter | None = None

    @classmethod
    def parse(cls, text: str) -> Search:
        """Read `text`, which must be storable: no NUL, no lone surrogates."""
        key = KEY.match(normal_form(text).upper())
        if key is None:
            return cls(Words.parse(text))
        return cls(Words.parse(text), key[1], int(key[2]))

    def as_parameters(self, name: str) -> tuple[Any, dict[str, Any], Search]:
        shape, values, words = words_as_parameters(self.words, name)
        if self.project_key is None:
            return ("words", shape), values, Search(words)
        values |= {f"{name}_key": self.project_key, f"{name}_number": self.number}
        key = Search(words, Parameter(f"{name}_key", TextField()), Parameter(f"{name}_number"))
        return ("key", shape), values, key


def search_tasks(tasks: T, search: Search, *, projects: Sequence[int | Expression] = ()) -> T:
    """Return those of `tasks` that have all the words in title or description, or have the text as their key.

    A text without a letter, a digit or an emoji matches nothing. With `projects`, the ids of those that `tasks` are
    narrowed to, or with the membership that `visible_to` joins, it finds the same, by an index in which a prefix meets
    no words of other projects.
    """
    found = _has_words(search.words, projects)
    if search.project_key is None:
        return tasks.filter(found)
    assert search.number is not None  # noqa: S101 - a key has both
    # Two index look-ups instead of one OR that no index serves
    by_key = Task.objects.filter(project__key=search.project_key, number=search.number).values("pk")
    by_text = tasks.filter(found).order_by().values("pk")
    return tasks.filter(pk__in=by_key.union(by_text))


def _has_words(words: Words, projects: Sequence[int | Expression]) -> Q:
    if projects:
        return words.asked_in(projects).found_in(WordsInProject("project", WordsColumn(WORDS_COLUMN)), *SEARCHED)
    return Q(HasWordsWhereSeen(words.query)) & words.parts_in(*SEARCHED)


class HasWordsWhereSeen(Expression):
    """Whether a task has what a tsquery, as text, asks for: looked up in one project of the reader after the other.

    Which these are is known by the membership that `visible_to` joins; without it the site's words are asked.
    """

    conditional = True

    def __init__(self, query: str | Expression) -> None:
        super().__init__(output_field=BooleanField())
        self.query = query

    def resolve_expression(self, query: Any = None, *args: Any, **options: Any) -> Any:
        """Return the condition in the form that suits the tasks that are filtered."""
        column, role = WordsColumn(WORDS_COLUMN), query.annotations.get("role")
        if isinstance(role, Col):
            project = Col(role.alias, Membership._meta.get_field("project"))
            found = HasWords(WordsInProject("project", column), AskedInProjectOf(self.query, project))
        else:
            asked = self.query if isinstance(self.query, Expression) else Value(self.query, TextField())
            found = HasWords(column, asked)
        return found.resolve_expression(query, *args, **options)
