"""Days and instants in texts: what most tools write is read without dateutil, and reads the same."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from dateutil import parser

from apps.imports.judging.dates import INSTANT, ORDERS, read_date

ZONE = "America/New_York"
WRITTEN = [
    f"{day}{between}{time}{zone}"
    for day in ("2026-01-02", "2026-03-08", "2024-02-29", "2026-12-13")
    for between in ("T", " ")
    for time in ("10:00", "02:30:59", "23:59:59.5", "00:00:00.123456")
    for zone in ("", "Z", "+02:00", "-0330", "+00:00", "-00:00")
]
NONE = [
    "2026-02-30T10:00", "2026-13-01 10:00Z", "2026-01-02T24:30", "2026-01-02T10:61", "1899-01-01T10:00Z",
    "2026-01-02T10:00+25:00", "9999-12-31T10:00Z", "0000-01-01T00:00", "2026-01-02T10:00:00+99:99",
]  # fmt: skip


@pytest.mark.parametrize("order", [*ORDERS, None])
def test_im4_an_instant_in_iso_8601_reads_as_dateutil_reads_it(order):
    for text in WRITTEN:
        read = parser.parse(text)
        wanted = (read if read.tzinfo else read.replace(tzinfo=ZoneInfo(ZONE))).astimezone(UTC)

        assert INSTANT.fullmatch(text)
        assert read_date(f" {text} ", order=order, zone=ZONE) == wanted


@pytest.mark.parametrize("text", NONE)
def test_im4_what_is_no_instant_or_lies_too_far_away_is_none(text):
    assert read_date(text, order="iso", zone=ZONE) is None


def test_im4_other_ways_of_writing_are_read_as_well():
    assert read_date("2026-01-02T10", order="iso", zone="UTC") == datetime(2026, 1, 2, 10, tzinfo=UTC)
    assert read_date("2 Jan 2026 10:00 am", order="iso", zone="UTC") == datetime(2026, 1, 2, 10, tzinfo=UTC)
    assert read_date("03/04/2026", order="day_first", zone="UTC") == date(2026, 4, 3)
    assert read_date("03/04/2026", order="month_first", zone="UTC") == date(2026, 3, 4)
