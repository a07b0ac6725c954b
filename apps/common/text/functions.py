"""The SQL of the functions that stand beside `normal_form.py` and `words.py`, as migrations create them.

Frozen with the tables: what an index was built with must not change under it. Written in PL/pgSQL and independent of
the server's locale, ICU and version (15 and later), apart from characters that its NFKC does not know yet.
"""

from __future__ import annotations

import json
import sys
import unicodedata
from functools import cache

from apps.common.text.tables import INVISIBLE, LETTER_LIKE, LONE_MARKS, SEPARATORS, SYMBOLS, UNSPACED, character_class

WORD_LENGTH = 100  # characters of a word that are indexed; PostgreSQL takes 2,046 bytes

NORMAL_FORM = """
CREATE FUNCTION normal_form(given text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 100 AS $function$
DECLARE
    folded text;
    remaining text;
    letter text;
BEGIN
    IF octet_length(given) = length(given) THEN  -- ASCII alone
        RETURN lower(given COLLATE "C");
    END IF;
    folded := regexp_replace(given, {invisible}, '', 'g');
    IF folded IS NOT NFKC NORMALIZED THEN  -- to ask is cheaper than to do
        folded := normalize(folded, NFKC);
    END IF;
    folded := lower(folded COLLATE "C");
    remaining := regexp_replace(folded, {not_folded}, '', 'g');
    IF remaining = '' THEN
        RETURN folded;
    END IF;
    WHILE remaining <> '' LOOP
        letter := left(remaining, 1);
        folded := replace(folded, letter, {folds}::jsonb ->> letter);
        remaining := replace(remaining, letter, '');
    END LOOP;
    RETURN CASE WHEN folded IS NFKC NORMALIZED THEN folded ELSE normalize(folded, NFKC) END;
END
$function$
"""

SEARCH_WORDS = """
CREATE FUNCTION search_words(given text) RETURNS tsvector
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE COST 1000 SET search_path FROM CURRENT AS $function$
DECLARE
    words text := normal_form(given);
    apart text := '';
BEGIN
    IF octet_length(words) = length(words) THEN  -- ASCII alone
        words := regexp_replace(words, '[^a-z0-9]+', ' ', 'g');
    ELSE
        IF given ~ {letter_like} THEN  -- `Product™` is both `producttm` and `product` with `tm`
            words := words || ' ' || normal_form(regexp_replace(given, {letter_like}, ' \\& ', 'g'));
        END IF;
        IF words ~ {symbol} THEN  -- each emoji is a word
            apart := regexp_replace(words, {up_to_symbol}, ' \\1', 'g');
        END IF;
        words := regexp_replace(' ' || words, {between}, ' ', 'g');
        IF words ~ {unspaced} THEN  -- pairs, from the first and from the second letter; the last one is alone once
            apart := apart || ' ' || regexp_replace(words, {not_unspaced}, ' ', 'g');
            words := regexp_replace(words, {unspaced}, ' ', 'g');
            words := words || ' ' || regexp_replace(apart, '[^ ]{{2}}', '\\& ', 'g');
            apart := regexp_replace(regexp_replace(apart, '(^| )[^ ]', ' ', 'g'), '[^ ]{{2}}', '\\& ', 'g');
        END IF;
        words := words || ' ' || apart;
    END IF;
    IF words ~ '[^ ]{{{word_length}}}' THEN
        words := regexp_replace(words, '([^ ]{{{word_length}}})[^ ]+', '\\1', 'g');
    END IF;
    RETURN array_to_tsvector(array_remove(string_to_array(words, ' '), ''));
END
$function$
"""


def normal_form_sql() -> str:
    """Return the statement that creates `normal_form(text)`."""
    folds = _folds()
    return NORMAL_FORM.format(
        invisible=quoted(f"[{character_class(INVISIBLE)}]+"),
        not_folded=quoted(f"[^{folded_letters()}]+"),
        folds=quoted(json.dumps(folds, ensure_ascii=False, separators=(",", ":"))),
    )


def search_words_sql() -> str:
    """Return the statement that creates `search_words(text)`, which makes a tsvector."""
    symbols, unspaced = character_class(SYMBOLS), character_class(UNSPACED)
    return SEARCH_WORDS.format(
        letter_like=quoted(f"[{character_class(LETTER_LIKE)}]"),
        symbol=quoted(f"[{symbols}]"),
        up_to_symbol=quoted(f"[^{symbols}]*([{symbols}]|$)"),
        between=quoted(f"[{character_class(SEPARATORS)}][{character_class(LONE_MARKS)}]*"),
        unspaced=quoted(f"[{unspaced}]+"),
        not_unspaced=quoted(f"[^{unspaced}]+"),
        word_length=WORD_LENGTH,
    )


def folded_letters() -> str:
    """Return the inside of a bracket expression for the letters beyond ASCII that case folding changes."""
    return "".join(_folds())


@cache
def _folds() -> dict[str, str]:
    """Return what case folding changes of the letters that NFKC leaves: the same in Unicode 14 to 15.1."""
    characters = (chr(code_point) for code_point in range(0x80, sys.maxunicode + 1))
    candidates = (each for each in characters if each.casefold() != each and unicodedata.is_normalized("NFKC", each))
    folds = {each: unicodedata.normalize("NFKC", each.casefold()) for each in candidates}
    return {each: folded for each, folded in folds.items() if folded != each}


def quoted(text: str) -> str:
    """Return a text as a literal of SQL."""
    return "'" + text.replace("'", "''") + "'"
