"""Statements that are compiled once and kept for the process, where they serve everybody.

What depends on the caller is a parameter, but for one thing: an API token that is limited to projects has a condition
of its own, and so a statement of its own. What a person sees is kept here and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from apps.common.errors import NotFoundError
from apps.common.lists.criteria import USER, ParameterUser
from apps.common.origin import is_narrowed
from apps.common.sql.beside import PageWith
from apps.common.sql.statements import ModelStatement, Parameter, Statement

M = TypeVar("M", bound=Model)

SHAPES = 512  # statements kept per process; the caller in more ways makes some be compiled again
COMPOSED_SHAPES = 256  # of those whose conditions callers compose: they must not drive the others out


def statement(
    key: tuple[Any, ...],
    build: Callable[[], QuerySet[Any, Any] | PageWith],
    *,
    is_count: bool = False,
    is_planned_once: Callable[[], bool] | None = None,
) -> Statement:
    """Return the statement kept under `key`, built at the first call, which asks `is_planned_once`; see `Statement`."""
    return _kept(_Key(key, build, is_planned_once), is_count=is_count)


def find_row(key: Any, scope: Callable[[ParameterUser], QuerySet[M, M]], user: Any, pk: str | int) -> M:
    """Return the row with this id in what `scope` says that `user` sees, as an instance with its annotations.

    The statement is kept under `key`. Raises NotFoundError.
    """
    values = {"user": user.pk, "pk": int(pk)}
    found = find_rows((key, "row"), lambda: scope(USER).filter(pk=Parameter("pk")), values)
    if not found:
        raise NotFoundError
    return found[0]


def find_rows(key: Any, build: Callable[[], QuerySet[M, M]], values: Mapping[str, Any]) -> list[M]:
    """Return the rows of a queryset as instances; its statement is kept under `key`, see ModelStatement."""
    found: list[M] = _kept_model(_Key((key,), build)).all(values)
    return found


def composed_statement(
    key: tuple[Any, ...], build: Callable[[], QuerySet[Any, Any] | PageWith], *, is_count: bool = False
) -> Statement:
    """Return the same for a statement whose conditions the caller has composed."""
    return _kept_composed(_Key(key, build), is_count=is_count)


class _Key:
    """Equal by `key` alone, so that the builder travels through the cache without being part of it.

    It is dropped once it has built: it holds a view with its request, and the cache keeps this object.
    """

    __slots__ = ("_build", "_is_planned_once", "key")

    def __init__(
        self,
        key: tuple[Any, ...],
        build: Callable[[], QuerySet[Any, Any] | PageWith],
        is_planned_once: Callable[[], bool] | None = None,
    ) -> None:
        # What an API token limits to projects has a condition of its own
        self.key: tuple[Any, ...] = (is_narrowed(), *key)
        self._build: Callable[[], QuerySet[Any, Any] | PageWith] | None = build
        self._is_planned_once = is_planned_once

    def statement(self, *, is_count: bool) -> Statement:
        """Return the statement of what the builder makes; to be asked once."""
        asked, self._is_planned_once = self._is_planned_once, None
        return Statement(self.built(), is_count=is_count, is_planned_once=asked is not None and asked())

    def built(self) -> QuerySet[Any, Any] | PageWith:
        """Return what the builder makes; to be asked once."""
        build, self._build = self._build, None
        if build is None:
            raise RuntimeError("This statement was built already.")
        return build()

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self.key == other.key


@lru_cache(maxsize=SHAPES)
def _kept(key: _Key, *, is_count: bool) -> Statement:
    return key.statement(is_count=is_count)


@lru_cache(maxsize=SHAPES)
def _kept_model(key: _Key) -> ModelStatement[Any]:
    return ModelStatement(key.built())  # type: ignore[arg-type]  # nothing stands beside rows that become instances


@lru_cache(maxsize=COMPOSED_SHAPES)
def _kept_composed(key: _Key, *, is_count: bool) -> Statement:
    return Statement(key.built(), is_count=is_count)


def forget() -> None:
    """Drop the kept statements: for tests that change what a queryset is made of."""
    _kept.cache_clear()
    _kept_composed.cache_clear()
    _kept_model.cache_clear()
