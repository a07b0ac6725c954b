"""A project's key, made from its name where none is given."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Collection, Iterator
from string import ascii_uppercase

MIN_LENGTH, MAX_LENGTH = 2, 10
FALLBACK = "PRJ"  # for names without a single Latin letter
# Letters that Unicode does not decompose into a Latin letter and a mark.
SPECIAL = str.maketrans(
    {"ß": "ss", "ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "đ": "d", "Đ": "D", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE"}
)


def free_key(name: str, *, taken: Collection[str]) -> str:
    """Return a key of 2 to 10 capitals for `name` that is not among `taken`.

    Several words give their initials, one word its first letters, longer while those are taken;
    then letters are counted up behind it.
    """
    return next(key for key in _candidates(name) if key not in taken)


def _candidates(name: str) -> Iterator[str]:
    words = _latin_words(name)
    joined = "".join(words)
    initials = "".join(word[0] for word in words)[:MAX_LENGTH]
    if len(initials) >= MIN_LENGTH:
        yield initials
    for length in range(3, min(len(joined), MAX_LENGTH) + 1):
        yield joined[:length]
    base = joined[:3] if len(joined) >= MIN_LENGTH else FALLBACK
    yield base
    for width in itertools.count(1):
        for tail in itertools.product(ascii_uppercase, repeat=width):
            yield base[: MAX_LENGTH - width] + "".join(tail)


def _latin_words(name: str) -> list[str]:
    """Return the words of `name` in plain capitals: marks dropped, other scripts left out."""
    decomposed = unicodedata.normalize("NFKD", name.translate(SPECIAL))
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    return [word.upper() for word in re.findall(r"[A-Za-z]+", plain)]
