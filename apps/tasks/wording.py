"""Values of a task in a reader's words: labels, names, local times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.dateparse import parse_datetime

from apps.common.days import zone_named
from apps.notifications.kinds import Change, name_of
from apps.notifications.models import People
from apps.tasks.fields import SHOWN_CHANGES, TaskField
from apps.tasks.models import Priority, Status
from apps.tasks.queries.reader_tasks import TaskForReader

STATUSES: dict[str, str] = dict(Status.choices)
PRIORITIES: dict[str, str] = dict(Priority.choices)
CHOICES = {"status": STATUSES, "priority": PRIORITIES}
MINUTE, HOUR = 60, 3600  # seconds
LONG = 200  # characters of a text that a change shows
# Zones whose name says the offset
UTC_NAMES = frozenset({"UTC", "Etc/UTC", "UCT", "Etc/UCT", "Zulu", "Etc/Zulu", "Universal", "Etc/Universal"})


@lru_cache(maxsize=4_096)  # the same due date is read again and again, by everybody in the zone
def local_time(instant: datetime, zone: str) -> str:
    """Return an instant in the reader's zone, such as `Friday 20 November 2026, 09:00 (Europe/Berlin, UTC+01:00)`."""
    local = in_zone(instant, zone)
    name = str(local.tzinfo)
    place = name if name in UTC_NAMES else f"{name}, UTC{_offset(local)}"
    return f"{local:%A} {local.day} {local:%B %Y, %H:%M} ({place})"


def short_time(instant: datetime, zone: str) -> str:
    """Return an instant in the reader's zone for a subject line, such as `Fri 20 Nov, 09:00`."""
    local = in_zone(instant, zone)
    return f"{local:%a} {local.day} {local:%b, %H:%M}"


def whole_day(day: date) -> str:
    """Return a day without a time, the same for every reader, such as `Friday 20 November 2026`."""
    return f"{day:%A} {day.day} {day:%B %Y}"


def short_day(day: date) -> str:
    """Return a day for a subject line, such as `Fri 20 Nov`."""
    return f"{day:%a} {day.day} {day:%b}"


def due_in_words(task: TaskForReader, zone: str) -> str:
    """Return when the task is due: its day, or its instant in the reader's zone; empty without a date."""
    if task.due_on is not None:
        return whole_day(task.due_on)
    return local_time(task.due_date, zone) if task.due_date is not None else ""


def due_in_short(task: TaskForReader, zone: str) -> str:
    """Return the same for a subject line, such as `Fri 20 Nov` or `Fri 20 Nov, 09:00`."""
    if task.due_on is not None:
        return short_day(task.due_on)
    return short_time(task.due_date, zone) if task.due_date is not None else ""


def in_zone(instant: datetime, zone: str) -> datetime:
    """Return the instant in an IANA zone; in UTC when there is no such zone, or when its year there is 0 or 10000."""
    try:
        return instant.astimezone(zone_named(zone))
    except OverflowError:
        return instant.astimezone(ZoneInfo("UTC"))


def span(seconds: float) -> str:
    """Return a length of time in its largest whole unit, such as `6 hours`."""
    for unit, name in ((HOUR, "hour"), (MINUTE, "minute")):
        count = int(seconds // unit)
        if count:
            return f"{count} {name}" if count == 1 else f"{count} {name}s"
    return "less than a minute"


def changes_in_words(changes: Mapping[str, Any], *, people: People, zone: str) -> Iterator[Change]:
    """Yield what changed, in the order of the fields; those without a label mean nothing to a reader."""
    for field in SHOWN_CHANGES if changes else ():
        if field.label and field.name in changes:
            old, new = (_value(field, changes[field.name].get(side), people, zone) for side in ("from", "to"))
            if old or new:  # of a move the other project's side is not said
                yield Change(field.label, old, new)


def _value(field: TaskField, value: Any, people: People, zone: str) -> str:
    if value is None:
        return ""
    match field.kind:
        case "choice":
            return str(CHOICES[field.name].get(value, value))
        case "person":
            return name_of(people, value) or "somebody"
        case "task":
            return str(value["key"])
        case "instant":
            instant = parse_datetime(value)
            return local_time(instant, zone) if instant else ""
        case "day":
            return whole_day(date.fromisoformat(value))
        case "minutes":
            return f"{value} min"
        case "flag":
            return "yes" if value else "no"
        case "labels":
            return shortened(", ".join(label["name"] for label in value))
    return shortened(str(value))


def shortened(text: str) -> str:
    """Return a long text cut between two words after LONG characters at most, with an ellipsis."""
    text = text.strip()
    if len(text) <= LONG:
        return text
    beginning = text[:LONG]
    at_a_word = beginning.rsplit(None, 1)[0] if any(map(str.isspace, beginning)) else beginning
    return f"{at_a_word.rstrip()}…"


def _offset(local: datetime) -> str:
    offset = local.utcoffset() or timedelta()
    sign = "-" if offset < timedelta() else "+"
    minutes = abs(int(offset.total_seconds())) // MINUTE
    return f"{sign}{minutes // 60:02d}:{minutes % 60:02d}"
