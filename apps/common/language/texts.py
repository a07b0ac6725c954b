"""Texts that an answer says hundreds of times: each is translated once per process and language.

Django looks the active language up for every text, which takes longer than the sentence around it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache, wraps
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.utils import translation

P = ParamSpec("P")
R = TypeVar("R", bound=Hashable)

TEXTS = 1_024  # of each function that a process keeps

_language: ContextVar[str] = ContextVar("language", default="")


def active_language() -> str:
    """Return the code of the language in which texts are."""
    return _language.get() or translation.get_language() or settings.LANGUAGE_CODE


@contextmanager
def in_one_language() -> Iterator[None]:
    """Look the active language up once for all that is said inside, where nothing switches to another."""
    token = _language.set(active_language())
    try:
        yield
    finally:
        _language.reset(token)


def once_per_language(make: Callable[P, R]) -> Callable[P, R]:
    """Keep what a function makes of its arguments and of the active language, and of nothing else."""

    @lru_cache(maxsize=TEXTS)
    def kept(language: str, *args: P.args, **kwargs: P.kwargs) -> R:
        return make(*args, **kwargs)

    @wraps(make)
    def said(*args: P.args, **kwargs: P.kwargs) -> R:
        language = _language.get() or active_language()
        return kept(language, *args, **kwargs)  # type: ignore[arg-type]  # lru_cache wants them hashable

    return said


def gettext(message: str) -> str:
    """Return a text in the active language, as Django's function does."""
    return _text(_language.get() or active_language(), message)


@lru_cache(maxsize=TEXTS)
def _text(_of_language: str, message: str) -> str:
    return translation.gettext(message)
