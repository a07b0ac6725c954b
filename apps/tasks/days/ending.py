"""When a day ends, in the time zone of somebody (contract DU1)."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from apps.common.dates.days import LAST, start_of_day, zone_named

FIRST_DAY, LAST_DAY = date(1900, 1, 1), LAST  # which days a task can be due on
LAST_SECOND = time(23, 59, 59)
SECOND = timedelta(seconds=1)


@lru_cache(maxsize=4_096)
def end_of_day(day: date, zone: str) -> datetime:
    """Return the last second of a day in an IANA zone, in UTC: 23:59:59, the later one where it exists twice.

    A day that ends early, or does not exist there, ends with the last second before the next local day.
    """
    place = zone_named(zone)
    later = datetime.combine(day, LAST_SECOND, tzinfo=place).replace(fold=1).astimezone(UTC)
    if later.astimezone(place).replace(tzinfo=None, fold=0) == datetime.combine(day, LAST_SECOND):
        return later
    return start_of_day(day + timedelta(days=1), place) - SECOND
