"""Time zones by name, and local days as instants: where a day begins in one."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone

FIRST, LAST = date(1, 1, 3), date(9999, 12, 30)  # which begin and end in the years 1 to 9999 in every zone


class Zone(ZoneInfo):
    """A time zone that takes every instant: one whose year there is 0 or 10000, which no date has, stays in UTC."""

    def fromutc(self, moment: datetime) -> datetime:
        """Return an instant in this zone, see `datetime.astimezone`."""
        try:
            return super().fromutc(moment)
        except OverflowError:
            return moment.replace(tzinfo=UTC)


def zone_named(name: str) -> Zone:
    """Return the IANA zone of that name, UTC where the system has none such."""
    try:
        return Zone(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return Zone("UTC")


def instant_at(local: datetime, zone: tzinfo | None = None) -> datetime | None:
    """Return the (first) instant (UTC) at which clocks in `zone` show `local`; None where they skip it.

    None too where no date in UTC has it. Without a zone it is Django's current one.
    """
    zone = zone or timezone.get_current_timezone()
    try:
        instant = local.replace(tzinfo=zone).astimezone(UTC)
        shown = instant.astimezone(zone).replace(tzinfo=None)
    except OverflowError:
        return None
    return instant if shown == local else None


def end_of_days(last: date) -> datetime:
    """Return the instant (UTC) before which the day ends, in Django's current zone: the last one of all after LAST."""
    return start_of_day(last + timedelta(days=1)) if last < LAST else datetime.max.replace(tzinfo=UTC)


def start_of_day(day: date, zone: tzinfo | None = None) -> datetime:
    """Return the instant (UTC) at which `day` begins in `zone`: its first midnight, or what comes in its place.

    Without a zone it is Django's current one, which is the reader's on a page.

    Where clocks skip midnight that is the instant at which they do. `day` is from FIRST to LAST.
    """
    zone = zone or timezone.get_current_timezone()
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
