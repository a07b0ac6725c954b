"""A calendar as RFC 5545 writes it, with the properties of RFC 7986 (contract IC2)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from icalendar import Calendar, Component, Event, Todo, vText

from apps.calendars.models import CalendarFeed, Components
from apps.calendars.reading import Entry
from apps.notifications.delivery.mail import site_url
from apps.tasks.models import Priority, Status

EDITION = 1  # of what is written for the same tasks: part of the ETag
PRODUCT = "-//Taskhouse//Taskhouse//EN"
REFRESH = timedelta(hours=1)
WITHOUT_DURATION = 30  # minutes
EARLIEST = datetime(1, 1, 1, tzinfo=UTC)
STATUSES = {
    Status.TODO: "NEEDS-ACTION",
    Status.IN_PROGRESS: "IN-PROCESS",
    Status.REVIEW: "IN-PROCESS",
    Status.DONE: "COMPLETED",
}
PRIORITIES = {Priority.URGENT: 1, Priority.HIGH: 3, Priority.MEDIUM: 5, Priority.LOW: 9}
LINE_BREAKS = re.compile("\r\n?|[\x85\u2028\u2029]")
CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f]")  # what TEXT may not hold


def etag_of(feed: CalendarFeed, entries: Iterable[Entry]) -> str:
    """Return the ETag of a calendar without writing it: the digest of everything that it depends on."""
    parts = (EDITION, site_url("/"), settings.PUBLIC_URL, feed.name, feed.components, feed.details, *entries)
    return f'"{hashlib.sha256(repr(parts).encode()).hexdigest()[:32]}"'


def calendar_of(feed: CalendarFeed, entries: Iterable[Entry]) -> bytes:
    """Return the calendar in UTF-8 with CRLF line ends."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("name", line(feed.name))
    calendar.add("x-wr-calname", vText(line(feed.name)))  # what programs read that do not know RFC 7986
    calendar.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for entry in entries:
        if feed.components != Components.TODO:
            calendar.add_component(_event(entry))
        if feed.components != Components.EVENT:
            calendar.add_component(_todo(entry))
    written: bytes = calendar.to_ical()
    return written


def text(value: str) -> str:
    """Return a text with the characters that RFC 5545 takes, and one kind of line break."""
    return CONTROLS.sub("", LINE_BREAKS.sub("\n", value))


def line(value: str) -> str:
    """Return a text of one line."""
    return text(value).replace("\n", " ")


def _event(entry: Entry) -> Event:
    event = Event()
    _describe(event, entry, uid="task")
    start, end = _span(entry)
    event.add("dtstart", start)
    event.add("dtend", end)
    event.add("transp", "TRANSPARENT")
    return event


def _todo(entry: Entry) -> Todo:
    todo = Todo()
    _describe(todo, entry, uid="todo")
    todo.add("due", entry.due_on or entry.due_date.astimezone(UTC))
    todo.add("status", STATUSES[Status(entry.status)])
    todo.add("priority", PRIORITIES[Priority(entry.priority)])
    if entry.completed_at is not None:
        todo.add("completed", entry.completed_at.astimezone(UTC))
    return todo


def _describe(component: Component, entry: Entry, *, uid: str) -> None:
    """Add what events and to-dos have in common. Without METHOD, DTSTAMP is the instant of the last change."""
    component.add("uid", f"{uid}-{entry.pk}@{urlsplit(settings.PUBLIC_URL).hostname}")
    component.add("sequence", entry.version)
    component.add("dtstamp", entry.updated_at.astimezone(UTC))
    component.add("created", entry.created_at.astimezone(UTC))
    component.add("last-modified", entry.updated_at.astimezone(UTC))
    component.add("summary", line(entry.title))
    component.add("url", site_url(f"/tasks/{entry.pk}/"))
    if entry.description:
        component.add("description", text(entry.description))


def _span(entry: Entry) -> tuple[date, date]:
    """Return when an event begins and ends: the day, or from its duration before it is due until then."""
    if entry.due_on is not None:
        return entry.due_on, entry.due_on + timedelta(days=1)
    end = entry.due_date.astimezone(UTC)
    minutes = entry.duration or WITHOUT_DURATION
    try:
        return end - timedelta(minutes=minutes), end
    except OverflowError:  # more minutes than there were since the year 1
        return EARLIEST, end
