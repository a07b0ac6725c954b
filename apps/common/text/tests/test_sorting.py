"""CONTRACT section 8, "Sorting": text is sorted by the Unicode root collation, without ICU."""

from __future__ import annotations

import hashlib
import random

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.common.text.sort_function import sort_key_sql

pytestmark = pytest.mark.django_db

# Each as ICU 72 sorts it by `und-x-icu`
SORTED = [
    ["Arger", "ärger", "Ärger", "Argus", "Zebra"],
    ["äpfelchen", "apple", "Apple", "banana", "éclair", "Éclair", "zoo"],
    [
        "_x",
        "-x",
        "–x",
        ",x",
        ";x",
        ":x",
        "!x",
        "?x",
        "…x",
        ".x",
        "'x",
        '"x',
        "(x",
        "[x",
        "{x",
        "@x",
        "*x",
        "/x",
        "\\x",
        "&x",
    ],
    ["#x", "%x", "`x", "^x", "+x", "<x", "=x", ">x", "|x", "~x", "🚀x", "$x", "€x", "1", "10", "2", "a1", "a10", "a2"],
    ["co op", "co_op", "co-op", "CO-OP", "coop"],
    ["cote", "coté", "côte", "côté", "resume", "Resume", "résumé", "Résumé"],
    [
        "ae",
        "aether",
        "æther",
        "az",
        "oe",
        "œuvre",
        "of",
        "st",
        "strasse",
        "Strasse",
        "STRASSE",
        "straße",
        "Straße",
        "su",
    ],
    ["đuro", "dz", "e", "lodz", "Łódź", "lot", "ñu", "nube", "öre", "Øre", "oso", "p", "tip", "zena", "žena", "þing"],
    ["аист", "ёлка", "ель", "жук", "игла", "икра", "їжак", "істина", "Йога", "йод", "кот", "яма"],
    ["ґанок", "гора", "дім", "ђак", "ель", "єва", "жук"],
    ["αλφα", "άλφα", "Άλφα", "βήτα", "οδος", "οδός", "ωμέγα", "Ωμέγα"],
    ["あか", "あめ", "アメ", "かっこう", "がっこう", "きゃく", "きやく", "はは", "ハハ", "ばば", "ぱぱ"],
    ["กาแฟ", "เกม", "แก้ว", "ไก่", "ขวด", "เข็ม", "คน", "โคม", "งาน", "เงิน", "จาน"],
    ["가", "가나", "각", "간", "나", "다"],
    ["آدم", "أحمد", "إبراهيم", "احمد", "پدر", "كتاب", "گزارش"],
    ["אב", "אם", "מסמך", "שלום", "שָׁלוֹם"],
    ["अ", "आ", "रिपोर्ट", "हिंदी", "हिन्दी"],
    ["1", "a", "z", "α", "ω", "а", "я", "ა", "ա", "א", "ا", "अ", "ก", "가", "あ", "中"],
    ["", " ", "-", "0", "A", "Ä", "日本"],
]


def in_order(texts: list[str]) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT text FROM unnest(%s::text[]) WITH ORDINALITY AS t(text, n) ORDER BY sort_key(text) COLLATE "C", n',
            [texts],
        )
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.parametrize("texts", SORTED, ids=[texts[1] for texts in SORTED])
def test_text_is_sorted_as_the_root_collation_sorts_it(texts):
    shuffled = random.Random(1).sample(texts, len(texts))

    assert in_order(shuffled) == texts


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=200))
def test_every_text_has_a_key_that_an_index_takes(text):
    with connection.cursor() as cursor:
        cursor.execute("SELECT octet_length(sort_key(%s)), octet_length(sort_key(repeat(%s, 200)))", [text, text[:1]])
        assert max(cursor.fetchone()) < 2_600


def test_the_function_that_indexes_were_built_with_never_changes():
    assert hashlib.sha256(sort_key_sql().encode()).hexdigest()[:16] == "034cf3e4ad2d8aae"
