"""Which rows a person may still read, and how people are shown: filled in by higher apps in `ready()`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.db.models import Q

Scope = Callable[[Any], Q]
People = Callable[[set[int]], Mapping[int, Mapping[str, Any]]]

_scopes: list[Scope] = []
_people: list[People] = []


def register_scope(scope: Scope) -> Scope:
    """Narrow what a person reads in the app to the rows that `scope(user)` matches.

    All registered scopes must match. A row without `project_id` belongs to no project: what such a
    row says must be for the recipient whatever they are a member of.
    """
    if scope not in _scopes:
        _scopes.append(scope)
    return scope


def readable(user: Any) -> Q:
    """Return the condition on the ledger's rows that `user` may still read."""
    condition = Q()
    for scope in _scopes:
        condition &= scope(user)
    return condition


def register_people(people: People) -> People:
    """Say how people are shown: `people(ids)` returns {id: {id, username, nickname, avatar}} in one query."""
    _people[:] = [people]
    return people


def people(ids: set[int]) -> Mapping[int, Mapping[str, Any]]:
    """Return how the people with these ids are shown; nobody for whom there is no entry."""
    return _people[0](ids) if _people and ids else {}
