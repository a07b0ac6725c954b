"""Keys made from names."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.projects.models import KEY_PATTERN
from apps.projects.services.keys import free_key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Website", "WEB"),
        ("Website relaunch", "WR"),
        ("Ärger über Öl", "AUO"),
        ("Straße", "STR"),
        ("Łódź", "LOD"),
        ("日本語", "PRJ"),
        ("2026", "PRJ"),
        ("x", "PRJ"),
        ("Go", "GO"),
        ("a b c d e f g h i j k l m", "ABCDEFGHIJ"),
    ],
)
def test_a_key_is_made_from_the_name(name, key):
    assert free_key(name, taken=()) == key


@given(name=st.text(max_size=200), taken=st.sets(st.from_regex(r"[A-Z]{2,4}", fullmatch=True), max_size=50))
def test_every_name_has_a_free_key(name, taken):
    key = free_key(name, taken=taken)

    assert re.match(KEY_PATTERN, key)
    assert key not in taken


def test_a_thousand_projects_of_one_name_get_a_thousand_keys():
    taken: set[str] = set()
    for _ in range(1_000):
        taken.add(free_key("Plan", taken=taken))

    assert len(taken) == 1_000
