"""300 reminders to people in 20 zones, around each zone's clock changes: two beats, a gap, three workers, real SMTP."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from apps.common.tests.races import at_once
from apps.notifications.delivery import sender
from apps.notifications.models import MailState, Notification
from apps.notifications.tests.mailbox import Mailbox, serving
from apps.projects.tests.factories import MembershipFactory
from apps.tasks.models import Task
from apps.tasks.reminders.scan import note_scan, remind
from apps.tasks.tests.factories import TaskFactory
from apps.users.models import User

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
YEAR = datetime(2027, 1, 1, tzinfo=UTC)
PER_ZONE = 15
# Rules that have not changed for years, so that all time zone tables agree
ZONES = (
    "Europe/Berlin",
    "Europe/London",
    "Europe/Athens",
    "Europe/Helsinki",
    "Europe/Dublin",
    "America/New_York",
    "America/St_Johns",
    "America/Los_Angeles",
    "America/Halifax",
    "America/Denver",
    "America/Chicago",
    "America/Santiago",
    "Asia/Jerusalem",
    "Australia/Sydney",
    "Australia/Adelaide",
    "Australia/Lord_Howe",
    "Pacific/Auckland",
    "Pacific/Chatham",
    "Asia/Kolkata",
    "Asia/Kathmandu",
)
# PostgreSQL's own time zone tables say what the text has to be.
LOCAL = """
SELECT to_char(due_date AT TIME ZONE person.timezone, 'FMDay FMDD FMMonth YYYY, HH24:MI') || ' (' || person.timezone
FROM tasks_task task JOIN users_user person ON person.id = task.assigned_to_id WHERE task.id = %s
"""


def clock_change(zone: str) -> datetime:
    """Return the first hour of the year after which the zone's offset differs; the year's middle without one."""
    info = ZoneInfo(zone)
    hours = (YEAR + hour * HOUR for hour in range(365 * 24))
    offsets = ((hour, hour.astimezone(info).utcoffset()) for hour in hours)
    changes = (later for (_, old), (later, new) in pairwise(offsets) if old != new)
    return next(changes, YEAR + 180 * DAY)


@pytest.fixture
def tasks(project) -> list[Task]:
    """15 tasks for each zone, due from three days before its clock change to three days after, one person each."""
    made = []
    for zone in ZONES:
        change = clock_change(zone)
        for place in range(PER_ZONE):
            person = MembershipFactory(project=project).user
            User.objects.filter(pk=person.pk).update(timezone=zone, reminder_lead_minutes=60 * (place + 1))
            due = change + (place - PER_ZONE // 2) * timedelta(hours=10, minutes=7)
            made.append(TaskFactory(project=project, assigned_to=person, due_date=due, created_at=YEAR - 90 * DAY))
    return made


@pytest.mark.django_db(transaction=True)
def test_three_hundred_reminders_arrive_once_each_in_the_readers_local_time(tasks):
    leads = dict(User.objects.values_list("pk", "reminder_lead_minutes"))
    moments = sorted(task.due_date - timedelta(minutes=leads[task.assigned_to_id]) for task in tasks)
    gap = (moments[100], moments[100] + 6 * HOUR)
    full_hours = {moment.replace(minute=0, second=0) + HOUR for moment in moments}
    beats = sorted({hour for hour in full_hours if not gap[0] <= hour < gap[1]} | {gap[1]})
    note_scan(moments[0] - HOUR)

    def beat() -> None:
        for now in beats:
            remind(now=now)

    assert at_once(beat, beat) == [None, None]
    Notification.objects.filter(kind="task_overdue").update(mail_state=MailState.NONE)

    with serving(Mailbox()) as mailbox:
        at_once(*[lambda: sender.deliver(seconds=60)] * 3)

    rows = Notification.objects.filter(kind="task_due_soon", task_id__isnull=False)
    late = rows.filter(data__late__gt=3600).count()
    said = f"{rows.count()} reminders in {len(ZONES)} zones, {late} of them more than an hour late"
    print(f"\n{said}; {len(mailbox.mails)} mails")
    assert rows.count() == len(mailbox.mails) == len(tasks) == 300
    assert late > 0
    assert len({mail["Message-ID"] for mail in mailbox.mails}) == 300
    by_address = {mail["To"].addresses[0].addr_spec: mail for mail in mailbox.mails}
    for task in tasks:
        body = by_address[task.assigned_to.email].get_body(("plain",)).get_content()
        with connection.cursor() as cursor:
            cursor.execute(LOCAL, [task.pk])
            (expected,) = cursor.fetchone()
        assert expected in re.sub(r"\s+", " ", body)
