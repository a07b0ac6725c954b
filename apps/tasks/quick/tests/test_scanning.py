"""Pieces of a line of text: nothing of it is lost, whatever it is."""

from __future__ import annotations

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from apps.tasks.quick.scanning import Sign, scan

TODAY = date(2026, 11, 26)
PLAIN = r"pay ^WEB #bug @ann !high \#bug \ # ! ^ @ tomorrow mon at 9 9:00 in 3 days every 24 dec 2026-02-30"
WORDS = st.sampled_from([*PLAIN.split(), '#"two words"', '#"open', "“x”"])
LINES = st.one_of(st.text(max_size=60), st.lists(WORDS, max_size=12).map(" ".join), st.lists(WORDS).map("\t\n ".join))


@given(LINES)
@settings(max_examples=60, deadline=None)
def test_qa3_the_pieces_are_the_text_without_blanks_and_stand_where_they_say(text):
    pieces = list(scan(text, today=TODAY))

    assert "".join("".join(piece.text.split()) for piece in pieces) == "".join(text.split())
    assert all(text[piece.position : piece.position + len(piece.text)] == piece.text for piece in pieces)
    assert [piece.position for piece in pieces] == sorted(piece.position for piece in pieces)


def test_qa1_a_sign_counts_at_the_beginning_of_a_word_and_with_something_behind_it():
    signs = {piece.text: piece.sign for piece in scan('a#b ann@example.org # ! #c #"d e" ^f', today=TODAY)}

    assert signs == {
        "a#b": Sign.TEXT,
        "ann@example.org": Sign.TEXT,
        "#": Sign.TEXT,
        "!": Sign.TEXT,
        "#c": Sign.LABEL,
        '#"d e"': Sign.LABEL,
        "^f": Sign.PROJECT,
    }
