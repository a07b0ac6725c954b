"""Two Beats, three workers and a gap of hours around the clock changes of twenty zones: each reminder once."""

from __future__ import annotations

import argparse
import email
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from scripts.local import processes
from scripts.resilience.clock import Clock
from scripts.resilience.installation import Installation
from scripts.resilience.tally import wait_for_calm
from scripts.resilience.traffic import Accounts, make_cast

CHANGING = (
    "Europe/Berlin", "Europe/London", "Europe/Lisbon", "Europe/Athens", "Atlantic/Azores", "America/New_York",
    "America/Chicago", "America/Denver", "America/Los_Angeles", "America/Anchorage", "America/Halifax",
    "America/St_Johns", "America/Havana", "America/Santiago", "Australia/Sydney", "Australia/Adelaide",
    "Australia/Lord_Howe", "Pacific/Auckland",
)  # fmt: skip
STEADY = ("Asia/Kolkata", "Asia/Kathmandu")
ZONES = CHANGING + STEADY
AROUND = (-90, -60, -30, -1, 0, 30, 60, 90)  # minutes from a clock change to a due date; seven for the second
LEAD = 60  # minutes
GAP = timedelta(hours=6)
BEATS, WORKERS = ("beat-1", "beat-2"), ("worker-1", "worker-2", "worker-3")


def arguments(parser: argparse.ArgumentParser) -> None:
    """There are no options: zones and dates are what is promised."""


def run(_options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Let time pass over all the dates, and read every mail."""
    with Installation(
        folder, settings={"SCHEDULE_REMIND_SECONDS": "1", "LEDGER_RETENTION_DAYS": "10000"}
    ) as installation:
        clock = Clock(installation.stack.postgres)
        installation.open_django()
        dates = due_dates(datetime.now(UTC) + timedelta(days=1))
        tasks = make_tasks(make_cast("", people=len(ZONES), zones=ZONES), dates)
        for name in (*WORKERS, *BEATS):
            installation.start(name)
        gaps = 0
        for moments in clusters(sorted({due - timedelta(minutes=LEAD) for _, due in dates})):
            pass_over(installation, clock, moments[0] - timedelta(minutes=10), moments[-1] + timedelta(minutes=1))
            gaps += 1
        wait_for_calm(seconds=60)
        return compare(installation, clock, tasks) | {"expected": len(dates), "gaps": gaps}


def changes(zone: str, start: datetime) -> Iterator[datetime]:
    """Yield the instants of the zone's clock changes in the year after `start`."""
    here = ZoneInfo(zone)
    hour = start.replace(minute=0, second=0, microsecond=0)
    for _ in range(24 * 366):
        after = hour + timedelta(hours=1)
        if hour.astimezone(here).utcoffset() != after.astimezone(here).utcoffset():
            half = hour + timedelta(minutes=30)
            before = hour.astimezone(here).utcoffset() == half.astimezone(here).utcoffset()
            yield after if before else half
        hour = after


def due_dates(start: datetime) -> list[tuple[str, datetime]]:
    """Return (zone, due date): fifteen for each zone, around its two clock changes."""
    found = []
    for zone in ZONES:
        first, second = list(changes(zone if zone in CHANGING else CHANGING[0], start))[:2]
        found += [(zone, first + timedelta(minutes=minutes)) for minutes in AROUND]
        found += [(zone, second + timedelta(minutes=minutes)) for minutes in AROUND[:-1]]
    return found


def make_tasks(accounts: Accounts, dates: list[tuple[str, datetime]]) -> dict[int, tuple[str, datetime]]:
    """Make the tasks, each assigned to the person in its zone; return {task id: (zone, due date)}."""
    from apps.tasks.models import Task
    from apps.tasks.order.keys import even_key
    from apps.users.models import User

    User.objects.update(
        reminder_lead_minutes=LEAD, notification_preferences={"task_overdue": {"email": False, "in_app": False}}
    )
    people = dict(zip(ZONES, accounts.people, strict=True))
    tasks = Task.objects.bulk_create(
        Task(
            project_id=accounts.project_id,
            number=number,
            rank=even_key(number),
            title=f"Task {number}",
            assigned_to_id=people[zone],
            due_date=due,
        )
        for number, (zone, due) in enumerate(dates, 1)
    )
    return {task.pk: place for task, place in zip(tasks, dates, strict=True)}


def clusters(moments: list[datetime]) -> Iterator[list[datetime]]:
    """Yield the moments in groups that a gap of GAP can swallow whole."""
    group: list[datetime] = []
    for moment in moments:
        if group and moment - group[0] > GAP - timedelta(minutes=15):
            yield group
            group = []
        group.append(moment)
    if group:
        yield group


def pass_over(installation: Installation, clock: Clock, begin: datetime, end: datetime) -> None:
    """Let both Beats stand still from `begin` to `end`, and wait until they have caught up."""
    print(f"{begin:%Y-%m-%d %H:%M} to {end:%H:%M}", file=sys.stderr, flush=True)
    if begin > clock.now():
        clock.move_to(begin)
    _await_scan(begin)
    for beat in BEATS:
        installation.signal(beat, signal.SIGSTOP)
    wait_for_calm(seconds=30)
    clock.move_to(max(end, begin + GAP))
    for beat in BEATS:
        installation.signal(beat, signal.SIGCONT)
    _await_scan(end)
    wait_for_calm(seconds=60)


def _await_scan(instant: datetime) -> None:
    from apps.common.models import Heartbeat

    scans = Heartbeat.objects.filter(name="tasks.remind.scanned", beat_at__gte=instant)
    if not processes.wait_until(scans.exists, seconds=60, pause=0.1):
        raise TimeoutError(f"no scan at {instant}")


def compare(installation: Installation, clock: Clock, tasks: dict[int, tuple[str, datetime]]) -> dict[str, Any]:
    """Return how many reminders came, and which say another time than PostgreSQL's tables of the zones."""
    from apps.notifications.delivery.mail import message_id
    from apps.notifications.models import Notification

    rows = {message_id(row): row for row in Notification.objects.all()}
    came: Counter[int] = Counter()
    wrong, late = [], 0
    for accepted in installation.mail.accepted():
        task_id = rows[accepted.message_id].task_id or 0
        came[task_id] += 1
        zone, due = tasks[task_id]
        text = _text((installation.mail.folder / accepted.file).read_bytes())
        late += "late: reminders were not running" in text
        if clock.local_text(due, zone) not in text:
            wrong.append(f"{clock.local_text(due, zone)}: {text}")
    return {
        "reminders": sum(came.values()),
        "tasks_reminded_of": len(came),
        "said_to_be_late": late,
        "zones": len({zone for zone, _ in tasks.values()}),
        "wrong_local_times": len(wrong),
        "examples": wrong[:3],
        "ok": sum(came.values()) == len(came) == len(tasks) and not wrong,
    }


def _text(content: bytes) -> str:
    mail = email.message_from_bytes(content, policy=default)
    assert isinstance(mail, EmailMessage)
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content())
