"""Full-text search over tasks: every word, the last one as a prefix, or a task's key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from django.contrib.postgres.search import SearchQuery
from django.db.models import QuerySet, TextField

from apps.common.lists.criteria import CompositeFilterValue
from apps.common.sql.statements import Parameter
from apps.tasks.models import KEY, Task

T = TypeVar("T", bound="QuerySet[Any]")

MAX_WORDS = 16  # more say nothing new, and a query is as slow as it is long


@dataclass(frozen=True)
class Search(CompositeFilterValue):
    """A text that is searched for: its words as a tsquery, and project key and number if it is a task's key."""

    words: str | Parameter
    project_key: str | Parameter | None = None
    number: int | Parameter | None = None

    @classmethod
    def parse(cls, text: str) -> Search:
        """Read `text`, which must be storable: no NUL, no lone surrogates."""
        key = KEY.match(text)
        if key is None:
            return cls(_tsquery(text))
        return cls(_tsquery(text), key[1].upper(), int(key[2]))

    def as_parameters(self, name: str) -> tuple[Any, dict[str, Any], Search]:
        values = {f"{name}_words": self.words, f"{name}_key": self.project_key, f"{name}_number": self.number}
        words = Parameter(f"{name}_words", TextField())
        if self.project_key is None:
            return "words", values, Search(words)
        return "key", values, Search(words, Parameter(f"{name}_key", TextField()), Parameter(f"{name}_number"))


def search_tasks(tasks: T, search: Search) -> T:
    """Return those of `tasks` that have all the words in title or description, or have the text as their key.

    A text without a single letter or digit matches nothing.
    """
    query = SearchQuery(search.words, config="simple", search_type="raw")
    if search.project_key is None:
        return tasks.filter(search=query)
    assert search.number is not None  # noqa: S101 - a key has both
    # Two index look-ups instead of one OR that no index serves
    by_key = Task.objects.filter(project__key=search.project_key, number=search.number).values("pk")
    by_text = Task.objects.filter(search=query).values("pk")
    return tasks.filter(pk__in=by_key.union(by_text))


def _tsquery(text: str) -> str:
    """Return the words quoted for to_tsquery (PostgreSQL manual §12.3.2), so that none is an operator."""
    words = text.split()[:MAX_WORDS]
    quoted = ["'" + word.replace("\\", "\\\\").replace("'", "''") + "'" for word in words]
    return " & ".join(quoted) + ":*" if quoted else ""
