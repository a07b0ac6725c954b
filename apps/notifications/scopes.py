"""Which rows a person may still read, and how people are shown: filled in by higher apps in `ready()`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Expression, Q, QuerySet

from apps.common.sql.beside import OfPage

Scope = Callable[[Any], Q]
People = Callable[[set[int]], Mapping[int, Mapping[str, Any]]]
PersonRows = Callable[[Expression], QuerySet[Any, Any]]
SubjectRows = Callable[[], QuerySet[Any, Any]]

_scopes: list[Scope] = []
_people: list[tuple[People, PersonRows]] = []
_subject: list[SubjectRows] = []


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


def register_people(people: People, person_rows: PersonRows) -> None:
    """Say how people are shown.

    `people(ids)` returns {id: {id, username, nickname, avatar}} in one query; `person_rows(id)` is a query of the
    same for one of them, as JSON made in SQL.
    """
    _people[:] = [(people, person_rows)]


def people(ids: set[int]) -> Mapping[int, Mapping[str, Any]]:
    """Return how the people with these ids are shown; nobody for whom there is no entry."""
    return _people[0][0](ids) if _people and ids else {}


def register_subject(subject_rows: SubjectRows) -> None:
    """Say what most rows are about: a query about each row of a page, by `OfPage`.

    It finds no row for what the recipient may not see, else one whose first column is not null. Lists in the app read
    it with their rows, and the kinds that know it find its columns in `row.subject`.
    """
    _subject[:] = [subject_rows]


def beside_rows() -> list[QuerySet[Any, Any]]:
    """Return the queries about each row of a page: the person who did it, as JSON, and what it is about."""
    return [_people[0][1](OfPage("actor_id")), *(subject_rows() for subject_rows in _subject)]
