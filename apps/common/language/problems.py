"""Texts of rejections by the services, in the reader's language: the API has them in English, whatever was asked."""

from __future__ import annotations

import re
from functools import cache

from django.utils.translation import gettext

from apps.common.language import rejections

PLACE = re.compile(r"\{(\w+)\}")


def translated(text: str) -> str:
    """Return a text of a service in the active language; one that `rejections` does not list, as it is."""
    if text in rejections.PLAIN:
        return gettext(text)
    for shape, pattern in _shapes():
        if found := pattern.fullmatch(text):
            return gettext(shape).format(**{name: _value(name, said) for name, said in found.groupdict().items()})
    return str(text)


def _value(name: str, said: str) -> str:
    """Return what stands in a place: a `reason` is a text of its own, with or without its full stop."""
    if name != "reason":
        return said
    sentence = f"{said}."
    return translated(sentence).removesuffix(".") if sentence in rejections.PLAIN else translated(said)


@cache
def _shapes() -> list[tuple[str, re.Pattern[str]]]:
    """Return the texts with places for values, each with what finds the values; those with most words first."""
    longest_first = sorted(rejections.WITH_VALUES, key=lambda shape: -len(PLACE.sub("", shape)))
    return [(shape, _pattern(shape)) for shape in longest_first]


def _pattern(shape: str) -> re.Pattern[str]:
    pieces = PLACE.split(shape)  # words and names of places by turns
    parts = [re.escape(each) if at % 2 == 0 else f"(?P<{each}>.*?)" for at, each in enumerate(pieces)]
    return re.compile("".join(parts), re.DOTALL)
