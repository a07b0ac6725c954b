"""Days and instants of a filter for readers in many zones."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.common.dates.days import start_of_day
from apps.tasks.filtering.days import Day, moment
from apps.tasks.filtering.errors import FilterError
from apps.tasks.filtering.nodes import Value

NOW = datetime(2026, 11, 27, 18, 20, tzinfo=UTC)  # a Friday; already Saturday in Kathmandu


def relative(text, zone="UTC", now=NOW):
    base, sign, rest = text.partition("+") if "+" in text else text.partition("-")
    return moment(Value("relative", (base, sign + rest)), zone=ZoneInfo(zone), now=now)


@pytest.mark.parametrize(
    ("zone", "day", "start", "hours"),
    [
        ("Asia/Kathmandu", date(2026, 11, 28), "2026-11-27T18:15:00+00:00", 24),
        ("Europe/Berlin", date(2026, 3, 29), "2026-03-28T23:00:00+00:00", 23),
        ("Europe/Berlin", date(2026, 10, 25), "2026-10-24T22:00:00+00:00", 25),
        ("America/New_York", date(2026, 3, 8), "2026-03-08T05:00:00+00:00", 23),
        ("America/New_York", date(2026, 11, 1), "2026-11-01T04:00:00+00:00", 25),
        ("Africa/Cairo", date(2026, 4, 24), "2026-04-23T22:00:00+00:00", 23),  # its midnight is skipped
        ("Africa/Cairo", date(2026, 10, 29), "2026-10-28T21:00:00+00:00", 25),
        ("Australia/Lord_Howe", date(2026, 4, 5), "2026-04-04T13:00:00+00:00", 24.5),
        ("Pacific/Apia", date(2011, 12, 30), "2011-12-30T10:00:00+00:00", 0),  # was left out
        ("America/St_Johns", date(2006, 10, 29), "2006-10-29T02:30:00+00:00", 25),  # goes back to the day before
        ("America/Toronto", date(1919, 3, 31), "1919-03-31T04:30:00+00:00", 23.5),  # 23:30 to 00:30
    ],
)
def test_fi2_a_day_begins_at_its_first_midnight_or_where_the_clocks_skip_it(zone, day, start, hours):
    found = moment(Value("day", day.isoformat()), zone=ZoneInfo(zone), now=NOW)

    assert found.start.isoformat() == start
    assert found.end - found.start == timedelta(hours=hours)


@settings(max_examples=300, deadline=None, derandomize=True, database=None)
@given(
    day=st.dates(min_value=date(1950, 1, 1), max_value=date(2037, 12, 31)),
    zone=st.sampled_from(
        ["Asia/Kathmandu", "Africa/Cairo", "America/Havana", "America/Sao_Paulo", "Asia/Beirut", "Pacific/Apia", "UTC"]
    ),
)
def test_a_day_begins_where_the_local_date_changes(day, zone):
    place = ZoneInfo(zone)
    start = start_of_day(day, place)

    assert start.astimezone(place).date() >= day
    assert (start - timedelta(seconds=1)).astimezone(place).date() < day


@pytest.mark.parametrize(
    ("text", "zone", "day"),
    [
        ("today", "UTC", "2026-11-27"),
        ("today", "Asia/Kathmandu", "2026-11-28"),
        ("today+7d", "UTC", "2026-12-04"),
        ("today-1w", "UTC", "2026-11-20"),
        ("today+3mo", "UTC", "2027-02-27"),
        ("start_of_week", "UTC", "2026-11-23"),
        ("start_of_week+1w", "Asia/Kathmandu", "2026-11-30"),
        ("start_of_month", "UTC", "2026-11-01"),
        ("start_of_month-1mo", "UTC", "2026-10-01"),
        ("start_of_month-11mo", "UTC", "2025-12-01"),
    ],
)
def test_fi2_relative_days_are_the_readers(text, zone, day):
    found = relative(text, zone)
    assert isinstance(found, Day)
    assert found.day.isoformat() == day


def test_fi2_months_clamp_to_the_last_day():
    end = datetime(2028, 1, 31, 12, tzinfo=UTC)
    assert relative("today+1mo", now=end).day == date(2028, 2, 29)
    assert relative("today+13mo", now=end).day == date(2029, 2, 28)
    assert relative("now+1mo", now=end) == datetime(2028, 2, 29, 12, tzinfo=UTC)


def test_fi2_hours_and_minutes_turn_a_day_into_an_instant():
    assert relative("today+36h", "Europe/Berlin") == datetime(2026, 11, 28, 11, tzinfo=UTC)
    assert relative("today-30m", "Asia/Kathmandu") == datetime(2026, 11, 27, 17, 45, tzinfo=UTC)


def test_fi2_now_moves_by_elapsed_time_or_by_the_local_date():
    before = datetime(2026, 10, 24, 10, tzinfo=UTC)  # 12:00 in Berlin, the day before the clocks go back
    assert relative("now", now=before) == before
    assert relative("now+24h", "Europe/Berlin", now=before) == datetime(2026, 10, 25, 10, tzinfo=UTC)
    assert relative("now+1d", "Europe/Berlin", now=before) == datetime(2026, 10, 25, 11, tzinfo=UTC)
    twice = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)  # the second 02:30
    assert relative("now+0d", "Europe/Berlin", now=twice) == twice


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("day", "2026-02-30"),
        ("day", "0000-01-01"),
        ("day", "0001-01-01"),
        ("day", "9999-12-31"),
        ("instant", "2026-11-20T25:00:00Z"),
        ("instant", "0001-01-01T00:00:00+14:00"),
        ("relative", ("today", "+9999999d")),
        ("relative", ("today", "-99999mo")),
        ("relative", ("today", "+" + "9" * 1_900 + "d")),
        ("relative", ("now", "+99999999999h")),
        ("relative", ("now", "-999999999mo")),
    ],
)
@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_what_no_calendar_has_is_rejected_at_its_place(kind, content, zone):
    with pytest.raises(FilterError) as raised:
        moment(Value(kind, content), zone=ZoneInfo(zone), now=NOW)
    assert raised.value.errors[0].code == "unknown_value"


@pytest.mark.parametrize("zone", sorted(available_timezones()))
@pytest.mark.parametrize("day", ["0001-01-03", "9999-12-30"])
def test_fi2_du_the_first_and_the_last_day_are_days_everywhere(day, zone):
    assert moment(Value("day", day), zone=ZoneInfo(zone), now=NOW).day.isoformat() == day
