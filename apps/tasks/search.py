"""Full-text search over tasks: every word, the last one as a prefix, or a task's key."""

from __future__ import annotations

from typing import Any, TypeVar

from django.contrib.postgres.search import SearchQuery
from django.db.models import QuerySet

from apps.tasks.models import KEY, Task

T = TypeVar("T", bound="QuerySet[Any]")

MAX_WORDS = 16  # more say nothing new, and a query is as slow as it is long


def search_tasks(tasks: T, text: str) -> T:
    """Return those of `tasks` that have all words of `text` in title or description, or have it as their key.

    `text` must be storable: no NUL, no lone surrogates. A text without a single letter or digit
    matches nothing.
    """
    query = SearchQuery(_tsquery(text), config="simple", search_type="raw")
    key = KEY.match(text)
    if key is None:
        return tasks.filter(search=query)
    # Two index look-ups instead of one OR that no index serves
    by_key = Task.objects.filter(project__key=key[1].upper(), number=int(key[2])).values("pk")
    by_text = Task.objects.filter(search=query).values("pk")
    return tasks.filter(pk__in=by_key.union(by_text))


def _tsquery(text: str) -> str:
    """Return the words quoted for to_tsquery (PostgreSQL manual §12.3.2), so that none is an operator."""
    words = text.split()[:MAX_WORDS]
    quoted = ["'" + word.replace("\\", "\\\\").replace("'", "''") + "'" for word in words]
    return " & ".join(quoted) + ":*"
