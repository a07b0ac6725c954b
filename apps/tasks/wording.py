"""Values of a task in a reader's words: labels, names, local times."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import ngettext

from apps.common.dates.days import zone_named
from apps.common.language.dates import written
from apps.common.language.texts import gettext, once_per_language
from apps.notifications.kinds import Change, name_of
from apps.notifications.models import People
from apps.tasks.fields import SHOWN_CHANGES, TaskField
from apps.tasks.models import Priority, Status
from apps.tasks.queries.reader_tasks import TaskForReader

CHOICES: Mapping[str, Mapping[str, Any]] = {"status": dict(Status.choices), "priority": dict(Priority.choices)}
MINUTE, HOUR = 60, 3600  # seconds
LONG = 200  # characters of a text that a change shows
# Zones whose name says the offset
UTC_NAMES = frozenset({"UTC", "Etc/UTC", "UCT", "Etc/UCT", "Zulu", "Etc/Zulu", "Universal", "Etc/Universal"})


@once_per_language  # the same due date is read again and again, by everybody in the zone
def local_time(instant: datetime, zone: str) -> str:
    """Return an instant in the reader's zone, such as `Friday 20 November 2026, 09:00 (Europe/Berlin, UTC+01:00)`."""
    local = in_zone(instant, zone)
    name = str(local.tzinfo)
    place = name if name in UTC_NAMES else f"{name}, UTC{_offset(local)}"
    return f"{written(local, 'l j F Y, H:i')} ({place})"


def short_time(instant: datetime, zone: str) -> str:
    """Return an instant in the reader's zone for a subject line, such as `Fri 20 Nov, 09:00`."""
    return written(in_zone(instant, zone), "D j M, H:i")


@once_per_language
def whole_day(day: date) -> str:
    """Return a day without a time, the same for every reader, such as `Friday 20 November 2026`."""
    return written(day, "l j F Y")


def short_day(day: date) -> str:
    """Return a day for a subject line, such as `Fri 20 Nov`."""
    return written(day, "D j M")


@once_per_language
def due_in_words(due_on: date | None, due_date: datetime, zone: str) -> str:
    """Return the line that says when a task is due: on its day, or at its instant in the reader's zone."""
    when = local_time(due_date, zone) if due_on is None else whole_day(due_on)
    return gettext("Due: {when}").format(when=when)


def due_in_short(task: TaskForReader, zone: str) -> str:
    """Return the same for a subject line, such as `Fri 20 Nov` or `Fri 20 Nov, 09:00`."""
    if task.due_on is not None:
        return short_day(task.due_on)
    return short_time(task.due_date, zone) if task.due_date is not None else ""


def in_zone(instant: datetime, zone: str) -> datetime:
    """Return the instant in an IANA zone; in UTC when there is no such zone, or when its year there is 0 or 10000."""
    return instant.astimezone(zone_named(zone))


def span(seconds: float) -> str:
    """Return a length of time in its largest whole unit, such as `6 hours`."""
    if hours := int(seconds // HOUR):
        return ngettext("{n} hour", "{n} hours", hours).format(n=hours)
    if minutes := int(seconds // MINUTE):
        return ngettext("{n} minute", "{n} minutes", minutes).format(n=minutes)
    return gettext("less than a minute")


def changes_in_words(changes: Mapping[str, Any], *, people: People, zone: str) -> Iterator[Change]:
    """Yield what changed, in the order of the fields; those without a label mean nothing to a reader."""
    for field in SHOWN_CHANGES if changes else ():
        if field.label and field.name in changes:
            old, new = (_value(field, changes[field.name].get(side), people, zone) for side in ("from", "to"))
            if old or new:  # of a move the other project's side is not said
                yield Change(gettext(field.label), old, new)


def _value(field: TaskField, value: Any, people: People, zone: str) -> str:
    if value is None:
        return ""
    match field.kind:
        case "choice":
            return choice_in_words(field.name, value)
        case "person":
            return name_of(people, value) or gettext("somebody")
        case "task":
            return str(value["key"])
        case "instant":
            instant = parse_datetime(value)
            return local_time(instant, zone) if instant else ""
        case "day":
            return whole_day(date.fromisoformat(value))
        case "minutes":
            return gettext("{n} min").format(n=value)
        case "flag":
            return gettext("yes") if value else gettext("no")
        case "labels":
            return shortened(", ".join(label["name"] for label in value))
    return shortened(str(value))


@once_per_language
def choice_in_words(field: str, value: str) -> str:
    """Return one of the CHOICES of a field; a value that is none as it is."""
    return str(CHOICES[field].get(value, value))


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
