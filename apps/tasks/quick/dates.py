"""Days and times in English at the beginning of a list of words (contract QA2)."""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import partial
from typing import NamedTuple

from apps.tasks.days.ending import FIRST_DAY, LAST_DAY

DAY_NAMES = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
MONTH_NAMES = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
SHORT = 3  # letters that a day or a month is known by
WEEKDAYS = {spelling: number for number, name in enumerate(DAY_NAMES) for spelling in (name, name[:SHORT])} | {
    "tues": 1,
    "thur": 3,
    "thurs": 3,
}
MONTHS = {spelling: number for number, name in enumerate(MONTH_NAMES, 1) for spelling in (name, name[:SHORT])} | {
    "sept": 9
}
ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
NUMBER = re.compile(r"\d{1,9}", re.ASCII)
DAY_OF_MONTH = re.compile(r"\d{1,2}", re.ASCII)
YEAR = re.compile(r"(?:19|20|21)\d{2}", re.ASCII)  # `24 dec 1000 euros` names none
CLOCK = re.compile(r"(\d{1,2})(?::(\d{2}))?(am|pm)?", re.ASCII)
MONTHS_AHEAD_MAX = 12 * 9_999
NOON = 12
WEEK = 7


@dataclass(frozen=True)
class Found:
    """A day, a time or both, in the first `words` words; one that the calendar does not have is not `is_possible`."""

    words: int
    day: date | None = None
    time: time | None = None
    is_possible: bool = True


class _Day(NamedTuple):
    words: int
    day: date | None  # None for one that does not exist


class _Time(NamedTuple):
    words: int
    time: time | None  # None for one that does not exist


def find_when(words: Sequence[str], today: date) -> Found | None:
    """Return the date that `words`, in lower case, begin with, or None; `today` is the reader's local day.

    A time may stand on either side of a day. A time beside it that does not exist is left to the next call. The time of
    a day that does not exist is part of it: alone it would be today's.
    """
    first = _day(words, today)
    if first is not None:
        clock = _time(words[first.words :])
        if first.day is None:
            return Found(first.words + (clock.words if clock else 0), is_possible=False)
        if clock is None or clock.time is None:
            return Found(first.words, first.day)
        return Found(first.words + clock.words, first.day, clock.time)
    clock = _time(words)
    if clock is None:
        return None
    if clock.time is None:
        return Found(clock.words, is_possible=False)
    beside = _day(words[clock.words :], today)
    if beside is None:
        return Found(clock.words, None, clock.time)
    if beside.day is None:
        return Found(clock.words + beside.words, is_possible=False)
    return Found(clock.words + beside.words, beside.day, clock.time)


def find_repetition(words: Sequence[str]) -> int:
    """Return how many words are a repetition (`every other monday at 9`), 0 for none.

    Repeating tasks do not exist: the words stay text, and what looks like a date among them is none.
    """
    if len(words) < len(("every", "day")) or words[0] != "every":
        return 0
    taken = 1
    if words[1] in {"other", "single"} or NUMBER.match(words[1]):
        taken += 1
    taken += 1
    while taken + 1 < len(words) and words[taken] in {"and", "on", "&"} and words[taken + 1] in WEEKDAYS:
        taken += 2
    taken = min(taken, len(words))
    beside = _time(words[taken:])
    return taken + (beside.words if beside else 0)


def _day(words: Sequence[str], today: date) -> _Day | None:
    for reader in (_named_day, _next_week, _days_ahead, _iso_day, _day_of_year):
        found = reader(words, today)
        if found is not None:
            is_known = found.day is not None and FIRST_DAY <= found.day <= LAST_DAY
            return found if is_known else _Day(found.words, None)
    return None


def _named_day(words: Sequence[str], today: date) -> _Day | None:
    word = words[0] if words else ""
    if word in {"today", "tomorrow"}:
        return _Day(1, today + timedelta(days=int(word == "tomorrow")))
    if word in WEEKDAYS:
        return _Day(1, _next(WEEKDAYS[word], today))
    return None


def _next_week(words: Sequence[str], today: date) -> _Day | None:
    return _Day(2, _next(WEEKDAYS["monday"], today)) if tuple(words[:2]) == ("next", "week") else None


def _next(weekday: int, today: date) -> date:
    """Return the first such day after today."""
    return today + timedelta(days=(weekday - today.weekday() - 1) % WEEK + 1)


def _days_ahead(words: Sequence[str], today: date) -> _Day | None:
    three = tuple(words[:3])
    if len(three) < 3 or three[0] != "in" or not NUMBER.fullmatch(three[1]):
        return None
    number, unit = int(three[1]), three[2].removesuffix("s")
    if unit == "month":
        return _Day(3, _existing(lambda: _months_after(today, number)))
    if unit in {"day", "week"}:
        return _Day(3, _existing(lambda: today + timedelta(days=number * (WEEK if unit == "week" else 1))))
    return None


def _months_after(day: date, number: int) -> date:
    """Return the same day `number` months later, or the last one of a shorter month."""
    if number > MONTHS_AHEAD_MAX:
        raise OverflowError(number)
    years, month = divmod(day.month - 1 + number, 12)
    year, month = day.year + years, month + 1
    if year > LAST_DAY.year:
        raise OverflowError(number)
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def _iso_day(words: Sequence[str], today: date) -> _Day | None:
    found = ISO_DAY.fullmatch(words[0]) if words else None
    return _Day(1, _existing(lambda: date(*map(int, found.groups())))) if found else None


def _day_of_year(words: Sequence[str], today: date) -> _Day | None:
    """Read `24 dec` and `dec 24`: this year's, or next year's when it is over; or that of the year behind them."""
    two, year = list(words[:2]), _year(words[2:])
    if year is not None and len(two) > 1:
        two[1] = two[1].removesuffix(",")  # `dec 24, 2027`
    named = [word for word in two if word in MONTHS]
    numbers = [word for word in two if DAY_OF_MONTH.fullmatch(word)]
    if len(named) != 1 or len(numbers) != 1:
        return None
    month, day = MONTHS[named[0]], int(numbers[0])
    if year is not None:
        return _Day(3, _existing(partial(date, year, month, day)))
    years = (today.year, today.year + 1)
    days = [_existing(partial(date, year, month, day)) for year in years]
    return _Day(2, next((each for each in days if each is not None and each >= today), None))


def _year(words: Sequence[str]) -> int | None:
    return int(words[0]) if words and YEAR.fullmatch(words[0]) else None


def _existing(make: Callable[[], date]) -> date | None:
    """Return the day, None where the calendar has no such one."""
    try:
        return make()
    except (ValueError, OverflowError):
        return None


def _time(words: Sequence[str]) -> _Time | None:
    """Read `9:00`, `9am`, `9 am`, `9:30pm`, each with `at` or without, and `at 9`."""
    has_at = bool(words) and words[0] == "at"
    rest = words[1:] if has_at else words
    found = CLOCK.fullmatch(rest[0]) if rest else None
    if found is None:
        return None
    hour, minutes, half = found.groups()
    is_half_apart = half is None and len(rest) > 1 and rest[1] in {"am", "pm"}
    if is_half_apart:
        half = rest[1]
    value = _clock(int(hour), int(minutes or 0), half)
    if minutes is None and half is None and not (has_at and value):  # a number alone is text, as in `at 25 Main Street`
        return None
    return _Time(1 + has_at + is_half_apart, value)


def _clock(hour: int, minute: int, half: str | None) -> time | None:
    if half is not None:
        if not 1 <= hour <= NOON:
            return None
        hour = hour % NOON + (NOON if half == "pm" else 0)
    try:
        return time(hour, minute)
    except ValueError:
        return None
