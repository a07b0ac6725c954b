"""Reminders after an outage."""

from __future__ import annotations

from datetime import timedelta

import pytest

from apps.notifications.models import MailState, Notification
from apps.tasks.models import Task
from apps.tasks.reminders.scan import remind
from apps.tasks.reminders.tests.reminder_helpers import DAY, HOUR, START, rejection_of, reminded, words_of
from apps.tasks.tests.factories import TaskFactory
from apps.users.models import User

pytestmark = pytest.mark.django_db


def test_after_an_outage_a_reminder_up_to_a_day_late_is_sent_and_says_so(due):
    remind(now=due.due_date - DAY - HOUR)

    remind(now=due.due_date - DAY + 6 * HOUR)

    row = Notification.objects.get()
    assert (row.kind, row.mail_state) == ("task_due_soon", MailState.PENDING)
    assert "This reminder comes 6 hours late: reminders were not running." in words_of(row).lines


def test_a_date_that_passed_during_an_outage_is_told_both_ways(due, member):
    User.objects.filter(pk=member.pk).update(reminder_lead_minutes=60)
    remind(now=due.due_date - 2 * HOUR)

    remind(now=due.due_date + 3 * HOUR)

    assert reminded() == [("task_due_soon", "member"), ("task_overdue", "member")]
    soon, overdue = (words_of(row) for row in Notification.objects.order_by("pk"))
    assert "was due Wed 3 Mar, 08:00" in soon.title
    assert "is overdue since Wed 3 Mar, 08:00" in overdue.title


def test_what_is_more_than_a_day_late_becomes_one_note_in_the_app(project, member, owner, scanned):
    User.objects.filter(pk=member.pk).update(reminder_lead_minutes=60)
    for hours in range(1, 31):
        TaskFactory(project=project, assigned_to=member, due_date=START + hours * HOUR)
    outage = 40 * HOUR

    for minutes in range(3):
        remind(now=START + outage + timedelta(minutes=minutes))

    shown = Notification.objects.filter(in_app=True, recipient=member)
    note = shown.get(task_id=None)
    assert (note.kind, note.mail_state, note.data["count"]) == ("task_due_soon", MailState.NONE, 16)
    assert words_of(note).title == "16 reminders were missed while reminders were not running"
    assert len(words_of(note).lines) == 11
    in_time = shown.exclude(task_id=None)
    assert in_time.filter(kind="task_overdue").count() == 15
    assert in_time.filter(kind="task_due_soon").count() == 14
    assert not Notification.objects.filter(in_app=False).exclude(mail_state=MailState.NONE).exists()


def test_a_note_names_no_task_that_has_gone_out_of_sight(project, member, scanned):
    tasks = [TaskFactory(project=project, assigned_to=member, due_date=START + HOUR * hour) for hour in (1, 2)]
    remind(now=START + 40 * HOUR)
    Task.objects.filter(pk=tasks[0].pk).delete()
    note = Notification.objects.get(task_id=None)

    assert [line.split()[0] for line in words_of(note).lines[:1]] == [tasks[1].key]

    Task.objects.update(assigned_to=None)
    project.memberships.filter(user=member).delete()
    assert rejection_of(note) == "gone"


def test_an_early_reminder_missed_by_two_days_is_not_sent_later(due, member):
    User.objects.filter(pk=member.pk).update(reminder_lead_minutes=20_160)
    Task.objects.filter(pk=due.pk).update(due_date=START + 14 * DAY + HOUR)
    remind(now=START + 3 * DAY)
    assert [row.task_id for row in Notification.objects.filter(in_app=True)] == [None]

    for minutes in range(3):
        remind(now=START + 3 * DAY + timedelta(minutes=minutes))

    assert [row.task_id for row in Notification.objects.filter(in_app=True)] == [None]
