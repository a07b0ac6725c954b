"""What in a line of text could be a field of a task, with its place; what the names stand for is `reading.py`'s."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum, auto

from apps.tasks.quick.dates import Found, find_repetition, find_when

WORD = re.compile(r"\S+")
# `#"two words"`, blanks around it; a name has no quotation marks and no line breaks
QUOTED = re.compile(r'#"([^"\n]*)"(?=\s|$)')
LOOKAHEAD = 8  # words; no date and no repetition has more


class Sign(StrEnum):
    """What a piece of the text is."""

    PROJECT = auto()
    LABEL = auto()
    PERSON = auto()
    PRIORITY = auto()
    DATE = auto()
    REPETITION = auto()
    TEXT = auto()


SIGNS = {"^": Sign.PROJECT, "#": Sign.LABEL, "@": Sign.PERSON, "!": Sign.PRIORITY}


@dataclass(frozen=True)
class Piece:
    """A part of the text from `position` on, in characters from 0.

    `name` is what stands behind a sign, and of text what of it belongs into a title; `when` is a date.
    """

    text: str
    position: int
    sign: Sign
    name: str
    when: Found | None = None


def scan(text: str, *, today: date) -> Iterator[Piece]:
    """Yield the pieces of the text in order; together they are all of it but the blanks between them.

    A `\\` before a sign makes a word text, and belongs to no title.
    """
    words = list(WORD.finditer(text))
    index = 0
    while index < len(words):
        position = words[index].start()
        quoted = QUOTED.match(text, position)
        if quoted:
            yield Piece(quoted[0], position, Sign.LABEL, quoted[1])
            end = quoted.end()
        else:
            piece = _piece(text, words[index : index + LOOKAHEAD], today)
            yield piece
            end = position + len(piece.text)
        while index < len(words) and words[index].start() < end:
            index += 1


def _piece(text: str, words: Sequence[re.Match[str]], today: date) -> Piece:
    word, position = words[0][0], words[0].start()
    if word[0] == "\\" and word[1:2] in SIGNS:
        return Piece(word, position, Sign.TEXT, word[1:])
    if word[0] in SIGNS:
        return Piece(word, position, SIGNS[word[0]], word[1:]) if word[1:] else Piece(word, position, Sign.TEXT, word)
    lowered = [each[0].lower() for each in words]
    if repeated := find_repetition(lowered):
        whole = text[position : words[repeated - 1].end()]
        return Piece(whole, position, Sign.REPETITION, whole)
    if when := find_when(lowered, today):
        whole = text[position : words[when.words - 1].end()]
        return Piece(whole, position, Sign.DATE, whole, when)
    return Piece(word, position, Sign.TEXT, word)
