"""Whom a filter is for: what `me`, names and days mean depends on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.utils import timezone


@dataclass(frozen=True)
class Reader:
    """A person who reads tasks through a filter, their time zone, and the present."""

    user: Any
    zone: ZoneInfo
    now: datetime


def reader_of(user: Any, *, zone: ZoneInfo | None = None) -> Reader:
    """Return a person as a reader now, in `zone` or else that of their profile (UTC if the system has none such)."""
    try:
        own = zone or ZoneInfo(user.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        own = ZoneInfo("UTC")
    return Reader(user, own, timezone.now())
