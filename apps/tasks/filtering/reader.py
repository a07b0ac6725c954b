"""Whom a filter is for: what `me`, names and days mean depends on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from apps.common.dates.days import zone_named


@dataclass(frozen=True)
class Reader:
    """A person who reads tasks through a filter, their time zone, and the present.

    Or nobody, who sees one project alone (contract FI10): then `user` is None.
    """

    user: Any
    zone: ZoneInfo
    now: datetime
    project_id: int | None = None


def reader_of(user: Any, *, zone: ZoneInfo | None = None) -> Reader:
    """Return a person as a reader now, in `zone` or else that of their profile (UTC if the system has none such)."""
    return Reader(user, zone or zone_named(user.timezone), timezone.now())


def reader_of_project(project_id: int) -> Reader:
    """Return the reader of a filter that judges the tasks of a project for no person: days are in UTC (FI10)."""
    return Reader(None, ZoneInfo("UTC"), timezone.now(), project_id)
