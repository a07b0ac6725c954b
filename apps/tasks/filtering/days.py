"""What days and instants of a filter are for a reader, in their time zone (contract FI2)."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from apps.common.dates.days import FIRST, LAST, start_of_day
from apps.common.dates.instants import DATE, is_instant
from apps.tasks.filtering.errors import FilterError
from apps.tasks.filtering.nodes import Value

OFFSET = re.compile(r"([+-]\d+)(mo|[mhdw])", re.ASCII)
BASES = ("now", "today", "start_of_week", "start_of_month")
MAX_OFFSET_DIGITS = 9  # longer ones lead out of every calendar
CLOCK = {"m": "minutes", "h": "hours"}  # elapsed time
CALENDAR = {"d": 1, "w": 7}  # days


@dataclass(frozen=True)
class Day:
    """A local day, with the instants (UTC) at which it and the next one begin."""

    day: date
    start: datetime
    end: datetime


def moment(value: Value, *, zone: ZoneInfo, now: datetime) -> Day | datetime:
    """Return the Day or the instant (UTC) that a value of kind day, instant or relative is at `now`.

    Raises FilterError `unknown_value` at the value for what no calendar has.
    """
    try:
        if value.kind == "day":
            return _day(date.fromisoformat(value.content), zone)
        if value.kind == "instant":
            return datetime.fromisoformat(value.content).astimezone(UTC)
        return _relative(*value.content, zone=zone, now=now)
    except (ValueError, OverflowError):
        detail = f"There is no such day or instant; days are from {FIRST} to {LAST}."
        raise FilterError(value.place, "unknown_value", detail) from None


def is_day(text: str) -> bool:
    """Return whether a text is written as a day; there may be none of that name."""
    return DATE.fullmatch(text) is not None


def is_full_instant(text: str) -> bool:
    """Return whether a text is written as an instant with its offset from UTC."""
    return is_instant(text) and re.search(r"([Zz]|[+-]\d\d(:?\d\d)?)\Z", text[11:], re.ASCII) is not None


def _relative(base: str, offset: str, *, zone: ZoneInfo, now: datetime) -> Day | datetime:
    found = OFFSET.fullmatch(offset)
    if len(offset) > MAX_OFFSET_DIGITS + 3 or (offset and not found):
        raise ValueError(offset)
    count, unit = (int(found[1]), found[2]) if found else (0, "d")
    if base == "now":
        if unit in CLOCK:
            return now + timedelta(**{CLOCK[unit]: count})
        local = now.astimezone(zone)
        moved = _moved(local.date(), count, unit)
        return local.replace(year=moved.year, month=moved.month, day=moved.day).astimezone(UTC)
    day = STARTS[base](now.astimezone(zone).date())
    if unit in CLOCK:
        return _day(day, zone).start + timedelta(**{CLOCK[unit]: count})
    return _day(_moved(day, count, unit), zone)


STARTS: dict[str, Callable[[date], date]] = {
    "today": lambda today: today,
    "start_of_week": lambda today: today - timedelta(days=today.weekday()),
    "start_of_month": lambda today: today.replace(day=1),
}


def _moved(day: date, count: int, unit: str) -> date:
    """Return the day `count` units later; a month too short for it ends it."""
    if unit != "mo":
        return day + timedelta(days=count * CALENDAR[unit])
    years, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    first = date(years, month + 1, 1)
    return first.replace(day=min(day.day, monthrange(years, month + 1)[1]))


def _day(day: date, zone: ZoneInfo) -> Day:
    if not FIRST <= day <= LAST:
        raise ValueError(day)
    return Day(day, start_of_day(day, zone), start_of_day(day + timedelta(days=1), zone))
