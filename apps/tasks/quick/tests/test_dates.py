"""Days and times at the beginning of a text (contract QA2)."""

from __future__ import annotations

from datetime import date, time

import pytest

from apps.tasks.quick.dates import Found, find_repetition, find_when

TODAY = date(2026, 11, 26)  # a Thursday


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("today", date(2026, 11, 26)),
        ("tomorrow", date(2026, 11, 27)),
        ("fri", date(2026, 11, 27)),
        ("thursday", date(2026, 12, 3)),  # the next one after today
        ("wed", date(2026, 12, 2)),
        ("sunday", date(2026, 11, 29)),
        ("next week", date(2026, 11, 30)),
        ("in 3 days", date(2026, 11, 29)),
        ("in 1 day", date(2026, 11, 27)),
        ("in 2 weeks", date(2026, 12, 10)),
        ("in 3 months", date(2027, 2, 26)),
        ("2026-12-24", date(2026, 12, 24)),
        ("2025-12-24", date(2025, 12, 24)),
        ("24 dec", date(2026, 12, 24)),
        ("december 24", date(2026, 12, 24)),
        ("26 nov", date(2026, 11, 26)),  # on that day it is today
        ("nov 25", date(2027, 11, 25)),
        ("1 may", date(2027, 5, 1)),
        ("24 dec 2028", date(2028, 12, 24)),
        ("dec 24, 2028", date(2028, 12, 24)),
        ("1 may 2026", date(2026, 5, 1)),
    ],
)
def test_qa2_a_day_is_read(text, day):
    assert find_when(text.split(), TODAY) == Found(len(text.split()), day)


@pytest.mark.parametrize(
    ("text", "day", "clock"),
    [
        ("tomorrow 9:00", date(2026, 11, 27), time(9)),
        ("24 dec at 17:30", date(2026, 12, 24), time(17, 30)),
        ("next week 9am", date(2026, 11, 30), time(9)),
        ("in 3 days 12am", date(2026, 11, 29), time(0)),
        ("today at 9", date(2026, 11, 26), time(9)),
        ("at 9", None, time(9)),
        ("9:30pm", None, time(21, 30)),
        ("12pm tomorrow", date(2026, 11, 27), time(12)),
        ("0:00", None, time(0)),
        ("9 pm", None, time(21)),
        ("at 9 pm", None, time(21)),
        ("tomorrow 9:30 pm", date(2026, 11, 27), time(21, 30)),
        ("at 9 am dec 24, 2028", date(2028, 12, 24), time(9)),
    ],
)
def test_qa2_a_time_stands_beside_a_day_or_alone(text, day, clock):
    assert find_when(text.split(), TODAY) == Found(len(text.split()), day, clock)


@pytest.mark.parametrize(
    "text",
    [
        *("2026-02-30", "31 feb", "29 feb", "29 feb 2027", "in 999999999 months", "0001-01-01"),
        *("25:00", "13pm", "13 pm"),
        *("31 feb 9:00", "at 9 31 feb", "9999-12-31 23:59"),  # the time alone would be today's
    ],
)
def test_qa2_what_the_calendar_does_not_have_is_not_possible(text):
    assert find_when(text.split(), TODAY) == Found(len(text.split()), is_possible=False)


@pytest.mark.parametrize(
    "text", ["at 25 Main Street", "9", "dec", "in a week", "mond", "24", "next", "٣ dec", "in ٣ days"]
)
def test_qa2_other_words_are_no_date(text):
    assert find_when(text.lower().split(), TODAY) is None


def test_qa2_a_day_keeps_what_a_bad_time_beside_it_does_not_take():
    assert find_when(["tomorrow", "25:00"], TODAY) == Found(1, date(2026, 11, 27))


def test_qa2_what_cannot_be_a_year_is_left_to_the_title():
    assert find_when(["24", "dec", "1000", "euros"], TODAY) == Found(2, date(2026, 12, 24))
    assert find_when(["dec", "24,", "bring", "wine"], TODAY) is None


def test_qa2_a_shorter_month_ends_sooner():
    assert find_when(["in", "1", "month"], date(2027, 1, 31)) == Found(3, date(2027, 2, 28))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("every monday at 9 call", 4),
        ("every day", 2),
        ("every 2 weeks on monday 9:00", 6),
        ("every other week", 3),
        ("every mon and thu", 4),
        ("every", 0),
        ("everything today", 0),
    ],
)
def test_qa3_a_repetition_is_as_long_as_its_words(text, words):
    assert find_repetition(text.split()) == words
