"""Local days as instants: where a day begins in a time zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

FIRST, LAST = date(1, 1, 3), date(9999, 12, 29)  # whose days begin and end in the years 1 to 9999 in every zone


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Return the instant (UTC) at which `day` begins in `zone`: its first midnight, or what comes in its place.

    Where clocks skip midnight that is the instant at which they do. `day` is from FIRST to LAST.
    """
    midnight = datetime.combine(day, time(), tzinfo=zone)
    before = midnight.astimezone(UTC)  # by the offset that holds before a change of clocks
    if before.astimezone(zone).replace(tzinfo=None) == midnight.replace(tzinfo=None):
        return before
    after = midnight.replace(fold=1).astimezone(UTC)
    low, high = after, before  # the clocks change at a whole second in between
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        low, high = (low, middle) if middle.astimezone(zone).date() >= day else (middle, high)
    return low if low.astimezone(zone).date() >= day else high
