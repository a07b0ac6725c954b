"""When a day ends in a time zone."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest

from apps.tasks.days.ending import FIRST_DAY, LAST_DAY, end_of_day


def utc(text):
    return datetime.fromisoformat(f"{text}+00:00")


@pytest.mark.parametrize(
    ("day", "zone", "end"),
    [
        ("2026-11-20", "UTC", "2026-11-20T23:59:59"),
        ("2026-11-20", "Europe/Berlin", "2026-11-20T22:59:59"),
        ("2026-11-20", "Pacific/Auckland", "2026-11-20T10:59:59"),
        ("2026-11-20", "Pacific/Honolulu", "2026-11-21T09:59:59"),
        ("2026-11-20", "Asia/Kathmandu", "2026-11-20T18:14:59"),
        # Days of 23 and of 25 hours
        ("2026-03-29", "Europe/Berlin", "2026-03-29T21:59:59"),
        ("2026-10-25", "Europe/Berlin", "2026-10-25T22:59:59"),
        ("2026-03-08", "America/New_York", "2026-03-09T03:59:59"),
        ("2026-11-01", "America/New_York", "2026-11-02T04:59:59"),
        ("2026-10-04", "Australia/Lord_Howe", "2026-10-04T12:59:59"),
        ("2026-04-05", "Australia/Lord_Howe", "2026-04-05T13:29:59"),
        # The clocks go forward at midnight: the day ends one second before
        ("2018-11-03", "America/Sao_Paulo", "2018-11-04T02:59:59"),
        # The clocks go back at midnight: 23:59:59 exists twice, the later one counts
        ("2018-02-17", "America/Sao_Paulo", "2018-02-18T02:59:59"),
        # 23:30 becomes 00:30: 23:59:59 does not exist
        ("1919-03-30", "America/Toronto", "1919-03-31T04:29:59"),
        # The day does not exist
        ("2011-12-30", "Pacific/Apia", "2011-12-30T09:59:59"),
        ("2011-12-29", "Pacific/Apia", "2011-12-30T09:59:59"),
        ("2011-12-31", "Pacific/Apia", "2011-12-31T09:59:59"),
        ("1994-12-31", "Pacific/Kiritimati", "1994-12-31T09:59:59"),
        # The edges, and no zone
        ("1900-01-01", "Europe/Amsterdam", None),
        ("9999-12-30", "Etc/GMT+12", "9999-12-31T11:59:59"),
        ("9999-12-30", "Pacific/Kiritimati", "9999-12-30T09:59:59"),
        ("2026-11-20", "No/Where", "2026-11-20T23:59:59"),
        ("2026-11-20", "../etc/passwd", "2026-11-20T23:59:59"),
    ],
)
def test_du1_a_day_ends_with_its_last_second_there(day, zone, end):
    found = end_of_day(date.fromisoformat(day), zone)

    assert found.tzinfo is UTC
    if end is not None:
        assert found == utc(end)


ZONES = sorted(available_timezones() - {"localtime", "Factory"})
DAYS = [
    *(date(2026, 1, 1) + timedelta(days=offset) for offset in range(0, 365, 7)),
    *(date(year, month, 1) for year in (1900, 1919, 1945, 1994, 2011, 2018) for month in range(1, 13)),
]


def test_du1_no_later_second_of_any_zone_belongs_to_the_day():
    compared = wrong = 0
    for zone in ZONES[::6]:
        place = ZoneInfo(zone)
        for day in DAYS:
            end = end_of_day(day, zone)
            local, following = end.astimezone(place), (end + timedelta(seconds=1)).astimezone(place)
            compared += 1
            is_last = local.date() <= day < following.date()
            is_usual = local.time().replace(fold=0) == time(23, 59, 59) or local.date() < day
            wrong += not (is_last and (is_usual or following.time() != time(0, 0)))
    print(f"\n{compared} ends of days in {len(ZONES[::6])} zones: wrong {wrong}")
    assert wrong == 0


def test_du1_the_first_and_last_days_can_be_computed_in_every_zone():
    for zone in ZONES:
        assert end_of_day(FIRST_DAY, zone) < end_of_day(LAST_DAY, zone)
