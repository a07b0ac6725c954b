"""Which rows a person may still read, and how people are shown: filled in by higher apps in `ready()`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Q, TextField, Value
from django.db.models.expressions import Combinable

Scope = Callable[[Any], Q]
People = Callable[[set[int]], Mapping[int, Mapping[str, Any]]]
PersonJson = Callable[[str], Combinable]
SubjectJson = Callable[[], Combinable]

_scopes: list[Scope] = []
_people: list[tuple[People, PersonJson]] = []
_subject: list[SubjectJson] = []


def register_scope(scope: Scope) -> Scope:
    """Narrow what a person reads in the app to the rows that `scope(user)` matches.

    All registered scopes must match. A row without `project_id` belongs to no project: what such a
    row says must be for the recipient whatever they are a member of.
    """
    if scope not in _scopes:
        _scopes.append(scope)
    return scope


def readable(user: Any) -> Q:
    """Return the condition on the outbox's rows that `user` may still read."""
    condition = Q()
    for scope in _scopes:
        condition &= scope(user)
    return condition


def register_people(people: People, person_json: PersonJson) -> None:
    """Say how people are shown.

    `people(ids)` returns {id: {id, username, nickname, avatar}} in one query; `person_json(column)` is the
    same for whoever's id is in a column, as JSON made in SQL, null for nobody.
    """
    _people[:] = [(people, person_json)]


def people(ids: set[int]) -> Mapping[int, Mapping[str, Any]]:
    """Return how the people with these ids are shown; nobody for whom there is no entry."""
    return _people[0][0](ids) if _people and ids else {}


def person_json(column: str) -> Combinable:
    """Return how the person whose id is in `column` is shown, as JSON."""
    return _people[0][1](column) if _people else Value(None, output_field=TextField())


def register_subject(subject_json: SubjectJson) -> None:
    """Say what most rows are about, as JSON made in SQL of a row's columns, null for what its recipient may not see.

    Lists in the app read it with their rows, and the kinds that know it find it in `row.subject`.
    """
    _subject[:] = [subject_json]


def subject_json() -> Combinable:
    """Return what a row is about, as JSON."""
    return _subject[0]() if _subject else Value(None, output_field=TextField())
