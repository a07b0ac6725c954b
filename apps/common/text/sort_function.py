"""The SQL of `sort_key(text)`, as a migration creates it: frozen and independent of the server."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable

from apps.common.text.functions import folded_letters, quoted
from apps.common.text.sort_tables import MARK_ORDER, MARKS, PLACES, SIGN_LETTERS, SIGNS
from apps.common.text.tables import SEPARATORS, character_class, code_points, escaped

# An index entry holds 2,704 bytes at most, a character has up to four
LETTERS, DETAILS = 200, 150
AFTER = 0xF0000  # `base` and this character stand behind everything that begins with the base
FULL_WIDTH_CAPITALS = "ff21-ff3a"

SORT_KEY = """
CREATE FUNCTION sort_key(given text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 200 SET search_path FROM CURRENT AS $function$
DECLARE
    letters text;  -- what counts first
    marks text := '';  -- what counts where the letters are the same: accents; last comes case, small first
    remaining text;
    letter text;
BEGIN
    IF octet_length(given) = length(given) THEN  -- ASCII alone
        RETURN translate(lower(given COLLATE "C"), {signs}, {sign_codes}) || {two_ends}
            || rtrim(translate(given, {ascii}, {ascii_case}), '2');
    END IF;
    letters := normalize(normal_form(given), NFC);
    IF letters ~ {own_composed} THEN  -- these are letters of their own, not letters with a mark
        remaining := regexp_replace(letters, {not_own_composed}, '', 'g');
        WHILE remaining <> '' LOOP
            letter := left(remaining, 1);
            letters := replace(letters, letter, {places}::jsonb ->> letter);
            remaining := replace(remaining, letter, '');
        END LOOP;
    END IF;
    letters := normalize(letters, NFD);
    remaining := regexp_replace(letters, {not_special}, '', 'g');
    WHILE remaining <> '' LOOP
        letter := left(remaining, 1);
        letters := replace(letters, letter, coalesce({places}::jsonb ->> letter, {last_sign} || letter));
        remaining := replace(remaining, letter, '');
    END LOOP;
    IF letters ~ {vowel_before} THEN  -- Thai and Lao write it before the consonant and sort it behind
        letters := regexp_replace(letters, {vowel_and_consonant}, '\\2\\1', 'g');
    END IF;
    letters := translate(letters, {signs}, {sign_codes});
    IF letters ~ {mark} THEN
        marks := translate(regexp_replace(letters, {each_mark}, {high} || '\\1', 'g'), {mark_order}, {mark_codes});
        letters := regexp_replace(letters, {all_marks}, '', 'g');
    END IF;
    RETURN left(letters, {letter_count}) || {one_end} || left(marks, {detail_count}) || {one_end}
        || left(regexp_replace(given, {capital}, {high} || '\\1', 'g'), {detail_count});
END
$function$
"""


def sort_key_sql() -> str:
    """Return the statement that creates `sort_key(text)`, whose keys are compared by bytes."""
    places = _places()
    own = _class(each for each in places if not unicodedata.is_normalized("NFD", each))
    special = _class(places) + character_class(SIGN_LETTERS) + _wide_separators()
    controls = "".join(map(chr, [*range(1, 0x20), 0x7F]))
    small = "abcdefghijklmnopqrstuvwxyz"
    order = "".join(map(chr, code_points(MARK_ORDER)))
    marks, capitals = character_class(MARKS), "A-Z" + character_class(FULL_WIDTH_CAPITALS) + folded_letters()
    before, consonants = character_class("e40-e44 ec0-ec4"), character_class("e01-e2e e81-eae")
    return SORT_KEY.format(
        signs=_text(SIGNS + controls),  # what has no counterpart goes
        sign_codes=_text("".join(chr(2 + position) for position in range(len(SIGNS)))),
        ascii=_text(small.upper() + small + "0123456789" + SIGNS),
        ascii_case=quoted("3" * 26 + "2" * (36 + len(SIGNS))),
        own_composed=quoted(f"[{own}]"),
        not_own_composed=quoted(f"[^{own}]+"),
        not_special=quoted(f"[^{special}]+"),
        places=quoted(json.dumps(places, ensure_ascii=False, separators=(",", ":"))),
        last_sign=_text("~" + chr(AFTER)),
        vowel_before=quoted(f"[{before}]"),
        vowel_and_consonant=quoted(f"([{before}])([{consonants}])"),
        mark=quoted(f"[{marks}]"),
        each_mark=quoted(f"([{marks}])"),
        all_marks=quoted(f"[{marks}]+"),
        mark_order=quoted(order),
        mark_codes=_text("".join(chr(0x300 + position) for position in range(len(order)))),
        capital=quoted(f"([{capitals}])"),
        high=_text("\uffff"),
        one_end=_text("\x01"),
        two_ends=_text("\x01\x01"),
        letter_count=LETTERS,
        detail_count=DETAILS,
    )


def _places() -> dict[str, str]:
    """Return what stands in a key for each character that does not stand there itself."""
    places: dict[str, str] = {}
    for record in filter(None, (part.strip() for part in PLACES.split(";"))):
        base, _, members = record.partition(":")
        target = "".join(chr(int(point, 16)) for point in base.split("+"))
        position = -1
        for member in members.split():
            position += not member.startswith("=")
            if member != "-":
                suffix = chr(AFTER + position) if position else ""
                places[chr(int(member.removeprefix("="), 16))] = target + suffix
    return places


def _wide_separators() -> str:
    """Return the inside of a bracket expression for what separates words, ASCII and private use apart."""
    points = [point for point in code_points(SEPARATORS) if 0x7F < point < 0xE000 or 0xF8FF < point < AFTER]
    return _class(map(chr, points))


def _class(characters: Iterable[str]) -> str:
    """Return the inside of a bracket expression for single characters, in ranges."""
    points = sorted(map(ord, characters))
    starts = [point for before, point in zip([-1, *points], points, strict=False) if point != before + 1]
    ends = [point for point, after in zip(points, [*points[1:], -1], strict=True) if after != point + 1]
    return "".join(
        escaped(start) if start == end else f"{escaped(start)}-{escaped(end)}"
        for start, end in zip(starts, ends, strict=True)
    )


def _text(characters: str) -> str:
    """Return a literal in which control characters and private ones can be read."""
    escapes = "".join(
        each if 0x20 <= ord(each) < 0x7F and each not in "\\'" else f"\\U{ord(each):08X}" for each in characters
    )
    return f"E'{escapes}'"
