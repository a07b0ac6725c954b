"""What is wrong with a filter, and where (contract FI5)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from apps.common.errors import FieldError, ValidationError
from apps.tasks.filtering.nodes import Place

MAX_EXPECTED = 20  # words


class FilterError(ValidationError):
    """400 `filter_invalid`: one thing that is wrong with a filter."""

    code = "filter_invalid"
    detail = "The filter is not valid."

    def __init__(self, place: Place, code: str, detail: str, expected: Iterable[str] = ()) -> None:
        extra: dict[str, object] = {}
        if place.position is not None:
            extra = {"position": place.position, "length": place.length}
        extra["expected"] = list(expected)[:MAX_EXPECTED]
        super().__init__(FieldError(place.pointer, code, detail, extra))


def near_misses(word: str, known: Iterable[str]) -> list[str]:
    """Return those of `known` that `word` may have been meant to be, whatever the case of their letters, best first."""
    folded = {each.casefold(): each for each in known}
    return [folded[found] for found in get_close_matches(word.casefold(), list(folded), n=3, cutoff=0.6)]


def did_you_mean(sentence: str, misses: Sequence[str]) -> str:
    """Return the sentence (without its full stop) with what may have been meant."""
    if not misses:
        return f"{sentence}."
    return f"{sentence}; did you mean {' or '.join(f'`{miss}`' for miss in misses)}?"
