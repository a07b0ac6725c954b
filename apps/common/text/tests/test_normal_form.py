"""CONTRACT section 8, "Comparing text": one normal form, the same in Python and in PostgreSQL."""

from __future__ import annotations

import hashlib
import re
import sys
import unicodedata

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.common.text.functions import normal_form_sql, search_words_sql
from apps.common.text.normal_form import normal_form
from apps.common.text.tables import INVISIBLE, LETTER_LIKE, SEPARATORS, SYMBOLS, character_class

SAME = [
    ("Straße", "STRASSE"),
    ("STRAẞE", "strasse"),
    ("Café", "Cafe\u0301"),
    ("Ä", "A\u0308"),
    ("\uff21\uff42\uff11", "aB1"),
    ("\uff76\uff9e", "ガ"),
    ("ὈΔΥΣΣΕΎΣ", "ὀδυσσεύς"),
    ("ΟΔΟΣ", "οδος"),
    ("ﬁle", "FILE"),
    ("№ 5", "no 5"),
    ("Ǆ", "ǆ"),
    ("ПРИВЕТ", "привет"),
    ("Ꭰ", "ꭰ"),
    ("re\u00adport\u2060.pdf", "report.pdf"),
    ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", "\u0645\u06cc\u062e\u0648\u0627\u0647\u0645"),
    ("\u2764\ufe0f", "\u2764"),
    ("\u1100\u1161", "가"),
    ("ᾳ", "αι"),
    ("İ", "i\u0307"),
    ("\u212a", "k"),
    ("\u017f", "s"),
    ("µ", "μ"),
]
DIFFERENT = [("ı", "i"), ("a", "á"), ("が", "か"), ("а", "a"), ("ü", "ue"), ("٣", "3"), ("ё", "е")]
TEXT = st.text(st.characters(exclude_categories=["Cs", "Cn"], exclude_characters="\x00"), max_size=40)
SETTINGS = settings(max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def in_postgresql(*texts: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT normal_form(text) FROM unnest(%s::text[]) WITH ORDINALITY AS t(text, n) ORDER BY n", [list(texts)]
        )
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.parametrize(("first", "second"), SAME)
def test_what_people_take_for_the_same_has_one_form(first, second):
    assert normal_form(first) == normal_form(second)


@pytest.mark.parametrize(("first", "second"), DIFFERENT)
def test_what_people_tell_apart_has_two_forms(first, second):
    assert normal_form(first) != normal_form(second)


@pytest.mark.django_db
def test_postgresql_and_python_agree_on_every_character():
    characters = [
        chr(code_point)
        for code_point in range(1, sys.maxunicode + 1)
        if unicodedata.category(chr(code_point)) not in {"Cs", "Cn"}
    ]

    with connection.cursor() as cursor:
        cursor.execute("SELECT c, normal_form(c), normalize(c, NFKC) FROM unnest(%s::text[]) AS t(c)", [characters])
        rows = cursor.fetchall()
    # PostgreSQL 15 knows Unicode 14 only: what came later it leaves as it is
    new = {each for each, _, compatible in rows if compatible != unicodedata.normalize("NFKC", each)}

    assert [each for each, form, _ in rows if form != normal_form(each) and each not in new] == []
    assert len(new) < 100
    assert len(rows) > 280_000


@pytest.mark.django_db
@SETTINGS
@given(text=TEXT)
def test_postgresql_and_python_agree_on_every_text(text):
    assert in_postgresql(text) == [normal_form(text)]


@settings(max_examples=2_000)
@given(text=TEXT)
def test_the_form_of_a_form_is_itself_and_no_way_to_compose_matters(text):
    form = normal_form(text)

    assert normal_form(form) == form
    assert {normal_form(unicodedata.normalize(way, text)) for way in ("NFC", "NFD", "NFKC", "NFKD")} == {form}
    assert normal_form(text.casefold()) == form


def test_the_tables_are_those_of_unicode():
    everything = "".join(map(chr, range(1, sys.maxunicode + 1)))
    tables = {"invisible": INVISIBLE, "separators": SEPARATORS, "symbols": SYMBOLS, "letter-like": LETTER_LIKE}
    members = {
        name: {ord(character) for character in re.findall(f"[{character_class(table)}]", everything)}
        for name, table in tables.items()
    }
    for code_point in range(1, sys.maxunicode + 1):
        character = chr(code_point)
        category = unicodedata.category(character)
        if category in {"Cs", "Cn"} or code_point in members["invisible"]:
            continue
        is_stable = unicodedata.is_normalized("NFKC", character)
        if is_stable:
            is_word = category[0] in "LNM"
            assert (code_point in members["separators"]) is not is_word, hex(code_point)
            assert is_word or (code_point in members["symbols"]) is (category == "So"), hex(code_point)
        assert (code_point in members["letter-like"]) is (category in {"So", "No"} and not is_stable), hex(code_point)


def test_the_functions_that_indexes_were_built_with_never_change():
    """Another text needs another name, a migration, and indexes that are built again."""
    text = normal_form_sql() + search_words_sql()

    assert hashlib.sha256(text.encode()).hexdigest()[:16] == "873dc39fbccd3966"
