"""Days and instants as other tools write them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime

from dateutil import parser

from apps.common.dates.days import LAST, zone_named
from apps.common.dates.instants import DATE
from apps.imports.judging.words_of_dates import in_english

LONGEST = 64  # characters
NUMERIC = re.compile(r"\s*(\d{1,2})[./-](\d{1,2})[./-](\d{2,4})\b", re.ASCII)
YEAR_FIRST = re.compile(r"\d{4}[./-]", re.ASCII)
# What tools write: read without dateutil, which takes as long as all else that a row needs to be judged
INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})?", re.ASCII)
YEARS = range(1900, 10_000)
# What is not written is taken from these: where the results differ, a part of the date is missing
DEFAULTS = (datetime(2000, 1, 1), datetime(2001, 2, 2))  # noqa: DTZ001 - a zone is put on afterwards
ORDERS = ("iso", "day_first", "month_first")
MONTHS = 12


def proposed_order(texts: Iterable[str]) -> str | None:
    """Return the order of day and month in these texts; None when it matters and nothing decides it."""
    matters = False
    for text in texts:
        found = NUMERIC.match(text)
        if found is None:
            continue
        first, second = int(found[1]), int(found[2])
        if first > MONTHS:
            return "day_first"
        if second > MONTHS:
            return "month_first"
        matters = matters or first != second
    return None if matters else "iso"


def read_date(text: str, *, order: str | None, zone: str) -> date | datetime | None:
    """Return the day, or the instant in UTC where there is a time, that a text names; None when it names none."""
    text = text.strip()
    if not text or len(text) > LONGEST:
        return None
    try:
        if DATE.fullmatch(text):
            return _within(date.fromisoformat(text))
        if INSTANT.fullmatch(text):
            return _in_utc(datetime.fromisoformat(text), zone)
        # With `dayfirst`, dateutil reads 2024-03-05 as the third of May
        day_first = order == "day_first" and not YEAR_FIRST.match(text)
        text = in_english(text)
        found = [parser.parse(text, dayfirst=day_first, default=default) for default in DEFAULTS]
    except (ValueError, OverflowError, TypeError):
        return None
    if found[0].date() != found[1].date():
        return None
    if ":" not in text and not re.search(r"\d[apAP][mM]|[Tt]\d", text):
        return _within(found[0].date())
    return _in_utc(found[0], zone)


def _in_utc(read: datetime, zone: str) -> datetime | None:
    try:
        instant = (read if read.tzinfo else read.replace(tzinfo=zone_named(zone))).astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return instant if _within(instant.date()) else None


def _within(day: date) -> date | None:
    return day if day.year in YEARS and day <= LAST else None
