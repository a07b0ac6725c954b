"""Names after an `@` in the characters of a text (contract C8): where one begins, and what it can stand for."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

NAME_LENGTH = 150  # characters of a username
RAW_LENGTH = 600  # characters of one before normalization, which may compose several into one
STOPS = ".+-"  # a name ends before these, or a longer one goes on
# What stands before an `@` in an address such as `anna+@firma.example`, and behind it
LOCAL_PART = re.compile(r"\w[\w.%+-]{0,62}[%+-]\Z")
DOMAIN = re.compile(r"(?:[a-z0-9-]{1,63}\.){1,8}[a-z]{2,63}(?![\w-])", re.IGNORECASE)
# Addresses that the parser does not make links of
ADDRESS = re.compile(r"(?:\b[a-z][a-z0-9+.-]{1,30}://|\bwww\.)[^\s<>]*\Z", re.IGNORECASE)
LINKED = re.compile(r"\bhttps?://[^\s<>]*\Z", re.IGNORECASE)
LOOK_BACK = 300  # characters in which an address is looked for


def normal_name(name: str) -> str:
    """Return the form in which names are compared: NFKC, ignoring case."""
    return unicodedata.normalize("NFKC", name).lower()


def name_run(source: str, at: int, *, until: int) -> str:
    """Return the run of username characters behind the `@` at `at`, empty where no mention can begin.

    It ends at `until` at the latest, and is at most one character longer than any name.
    """
    if at > 0 and (source[at - 1] in "@/" or _is_name_letter(source[at - 1])):
        return ""
    begin = end = at + 1
    last = min(until, begin + RAW_LENGTH + 1)
    while end < last and (source[end] in STOPS or _is_name_letter(source[end])):
        end += 1
    return "" if end == begin or _is_in_address(source, at) else source[begin:end]


def candidates(run: str) -> Iterator[str]:
    """Yield what `run` may name, longest first: all of it, and each beginning that stands before `.`, `+` or `-`."""
    longest = NAME_LENGTH if run.isascii() else RAW_LENGTH
    for end in range(min(len(run), longest), 0, -1):
        if end == len(run) or run[end] in STOPS:
            yield run[:end]


def _is_name_letter(character: str) -> bool:
    """Return whether it is a letter, a digit, `_`, or a mark that stands on a letter."""
    return character == "_" or character.isalnum() or unicodedata.category(character)[0] == "M"


def _is_in_address(source: str, at: int) -> bool:
    """Return whether the `@` belongs to a mail address or to a URL that is no link.

    A bare `http` address is a link, and what stands behind its end is outside.
    """
    if DOMAIN.match(source, at + 1) and LOCAL_PART.search(source[max(0, at - 64) : at]):
        return True
    before = source[max(0, at - LOOK_BACK) : at]
    if "://" not in before and "www." not in before.lower():
        return False
    return bool(ADDRESS.search(before)) and not LINKED.search(before)
