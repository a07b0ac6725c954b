"""Due reminders: who is notified what, once, and when not."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.common.tests.races import at_once
from apps.notifications.models import MailState, Notification
from apps.projects.models import Project, TrashEntry
from apps.projects.roles import Role
from apps.projects.tests.factories import MembershipFactory
from apps.tasks.models import Status, Task
from apps.tasks.reminders.scan import remind
from apps.tasks.reminders.tests.reminder_helpers import DAY, HOUR, START, rejection_of, reminded, words_of
from apps.tasks.services import assign_task, update_task
from apps.tasks.tests.factories import TaskFactory
from apps.users.models import User

pytestmark = pytest.mark.django_db


def test_the_assignee_is_reminded_a_day_before(due):
    remind(now=due.due_date - DAY - timedelta(minutes=1))
    assert reminded() == []

    remind(now=due.due_date - DAY)
    assert reminded() == [("task_due_soon", "member")]


def test_the_creator_is_reminded_while_nobody_is_assigned(due, owner):
    Task.objects.filter(pk=due.pk).update(assigned_to=None)

    remind(now=due.due_date - DAY)

    assert reminded() == [("task_due_soon", "owner")]


def test_nobody_is_reminded_of_a_task_whose_creator_left(due):
    stranger = MembershipFactory(user__username="gone").user
    Task.objects.filter(pk=due.pk).update(assigned_to=None, created_by=stranger)

    remind(now=due.due_date - DAY)
    remind(now=due.due_date)

    assert reminded() == []


def test_each_person_has_their_own_lead(due, member):
    User.objects.filter(pk=member.pk).update(reminder_lead_minutes=90)

    remind(now=due.due_date - DAY)
    remind(now=due.due_date - timedelta(minutes=91))
    assert reminded() == []

    remind(now=due.due_date - timedelta(minutes=90))
    assert reminded() == [("task_due_soon", "member")]


def test_a_lead_of_two_weeks_is_found(project, member, scanned):
    User.objects.filter(pk=member.pk).update(reminder_lead_minutes=20_160)
    TaskFactory(project=project, assigned_to=member, due_date=START + 14 * DAY + HOUR)

    remind(now=START + HOUR)

    assert reminded() == [("task_due_soon", "member")]


def test_it_is_said_once_however_often_the_scan_runs(due):
    for minutes in range(180):
        remind(now=due.due_date - DAY + timedelta(minutes=minutes))

    assert reminded() == [("task_due_soon", "member")]


def test_it_is_said_once_when_the_lead_changes(due, member):
    remind(now=due.due_date - DAY)
    for lead in (60, 20_160, 0, 1_440):
        User.objects.filter(pk=member.pk).update(reminder_lead_minutes=lead)
        remind(now=due.due_date - HOUR)

    assert reminded() == [("task_due_soon", "member")]


def test_a_moved_date_arms_the_reminder_again(due, member):
    remind(now=due.due_date - DAY)
    update_task(actor=member, task=due, changes={"due_date": due.due_date + 5 * DAY})

    remind(now=due.due_date + 3 * DAY)
    assert reminded() == [("task_due_soon", "member")]
    remind(now=due.due_date + 4 * DAY)
    assert reminded() == [("task_due_soon", "member")] * 2


def test_a_date_moved_back_to_an_announced_one_is_not_announced_again(due, member):
    remind(now=due.due_date - DAY)
    for date in (due.due_date + 5 * DAY, due.due_date):
        update_task(actor=member, task=due, changes={"due_date": date})

    remind(now=due.due_date - HOUR)

    assert reminded() == [("task_due_soon", "member")]


def test_who_gets_the_task_after_the_reminder_is_reminded_too(due, member, owner):
    remind(now=due.due_date - DAY)
    assign_task(actor=member, task=due, assigned_to=owner.pk)

    remind(now=due.due_date - HOUR)

    assert reminded() == [("task_due_soon", "member"), ("task_due_soon", "owner")]


def test_overdue_is_said_once_when_the_date_passes(due):
    remind(now=due.due_date - DAY)
    for minutes in (-1, 0, 1, 2, 600):
        remind(now=due.due_date + timedelta(minutes=minutes))

    assert reminded() == [("task_due_soon", "member"), ("task_overdue", "member")]


def test_overdue_is_said_once_for_a_date_even_when_the_assignee_changes(due, member, owner):
    Task.objects.filter(pk=due.pk).update(updated_at=START)
    remind(now=due.due_date - DAY)
    remind(now=due.due_date)
    Task.objects.filter(pk=due.pk).update(assigned_to=owner)

    remind(now=due.due_date + HOUR)

    assert reminded() == [("task_due_soon", "member"), ("task_overdue", "member")]


def test_a_task_created_when_already_overdue_tells_nobody(project, member, scanned):
    TaskFactory(project=project, assigned_to=member, due_date=START - HOUR, created_at=START)

    for hours in range(30):
        remind(now=START + hours * HOUR)

    assert reminded() == []


def test_a_task_created_within_its_lead_is_reminded_of_at_the_next_scan(project, member, scanned):
    TaskFactory(project=project, assigned_to=member, due_date=START + 2 * HOUR, created_at=START + timedelta(minutes=1))

    remind(now=START + timedelta(minutes=2))

    row = Notification.objects.get()
    assert (row.kind, row.data["late"]) == ("task_due_soon", 120)
    assert len(words_of(row).lines) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"status": Status.DONE, "completed_at": START},
        {"archived_at": START},
    ],
)
def test_done_and_archived_tasks_are_not_mentioned(due, change):
    Task.objects.filter(pk=due.pk).update(**change)

    remind(now=due.due_date - DAY)
    remind(now=due.due_date)

    assert reminded() == []


def test_tasks_of_archived_projects_are_not_mentioned(due, project):
    Project.objects.filter(pk=project.pk).update(archived_at=START)

    remind(now=due.due_date - DAY)
    remind(now=due.due_date)

    assert reminded() == []


def test_inactive_people_are_not_reminded(due, member):
    User.objects.filter(pk=member.pk).update(is_active=False)

    remind(now=due.due_date - DAY)

    assert not Notification.objects.exists()


def test_preferences_are_kept(due, member):
    member.notification_preferences = {"task_due_soon": {"email": False}}
    member.save(update_fields=["notification_preferences"])

    remind(now=due.due_date - DAY)

    row = Notification.objects.get()
    assert (row.in_app, row.mail_state) == (True, MailState.NONE)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"status": Status.DONE, "completed_at": START}, "the task is done"),
        ({"archived_at": START}, "the task is archived"),
        ({"due_date": START + 3 * DAY}, "the due date has changed"),
        ({"due_date": None}, "the due date has changed"),
        ({"assigned_to": None}, "the task is somebody else's"),
    ],
)
def test_a_reminder_that_is_not_true_at_sending_time_is_rejected(due, change, reason):
    remind(now=due.due_date - DAY)
    row = Notification.objects.get()
    assert rejection_of(row) == ""

    Task.objects.filter(pk=due.pk).update(**change)

    assert rejection_of(row) == reason


def test_a_reminder_of_an_archived_project_is_rejected(due, project):
    remind(now=due.due_date - DAY)
    Project.objects.filter(pk=project.pk).update(archived_at=START)

    assert rejection_of(Notification.objects.get()) == "the project is archived"


def test_a_reminder_to_who_has_left_is_rejected(due, project, member):
    remind(now=due.due_date - DAY)
    Task.objects.filter(pk=due.pk).update(assigned_to=None)
    project.memberships.filter(user=member).delete()

    assert rejection_of(Notification.objects.get()) == "gone"


def test_a_reminder_suppressed_while_the_task_was_done_comes_when_it_is_open_again(due):
    remind(now=due.due_date - DAY)
    Notification.objects.update(mail_state=MailState.SUPPRESSED, reason="the task is done")

    remind(now=due.due_date - DAY + HOUR)

    row = Notification.objects.get()
    assert (row.mail_state, row.reason) == (MailState.PENDING, "")


def test_a_reminder_suppressed_for_another_reason_stays_so(due):
    remind(now=due.due_date - DAY)
    Notification.objects.update(mail_state=MailState.SUPPRESSED, reason="the mail is not wanted")

    remind(now=due.due_date - DAY + HOUR)

    assert Notification.objects.get().mail_state == MailState.SUPPRESSED


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_remind_once(project, scanned):
    people = [MembershipFactory(project=project, role=Role.MEMBER).user for _ in range(30)]
    for person in people:
        TaskFactory(project=project, assigned_to=person, due_date=START + DAY)

    results = at_once(*[lambda: remind(now=START + HOUR)] * 5)

    assert sum(result.due_soon for result in results) == 30
    assert Notification.objects.count() == 30


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_after_a_long_outage_write_one_note_each(project, scanned):
    people = [MembershipFactory(project=project, role=Role.MEMBER).user for _ in range(10)]
    for person in people:
        TaskFactory(project=project, assigned_to=person, due_date=START + HOUR)
        TaskFactory(project=project, assigned_to=person, due_date=START + 2 * HOUR)

    at_once(*[lambda: remind(now=START + 3 * DAY)] * 4)

    notes = Notification.objects.filter(in_app=True)
    assert sorted(notes.values_list("recipient_id", flat=True)) == sorted(person.pk for person in people)
    assert {note.data["count"] for note in notes} == {2}


def test_the_first_scan_ever_looks_back_no_further_than_a_month(project, member):
    for days in (1, 20, 40):
        TaskFactory(project=project, assigned_to=member, due_date=START - days * DAY, created_at=START - 100 * DAY)

    remind(now=START)

    assert Notification.objects.get(task_id=None).data["count"] == 2
    assert Notification.objects.filter(in_app=True, kind="task_overdue").count() == 1


def test_the_clock_going_back_sends_nothing_twice(due):
    remind(now=due.due_date + HOUR)
    remind(now=due.due_date - DAY)
    remind(now=timezone.now())
    remind(now=due.due_date + HOUR)

    assert sorted(reminded()) == [("task_due_soon", "member"), ("task_overdue", "member")]


def test_tr10_a_date_that_passed_in_the_trash_stays_silent_and_a_later_one_reminds(api, owner, project, due):
    later = TaskFactory(project=project, assigned_to=due.assigned_to, due_date=START + 9 * DAY, title="Later")
    for task in (due, later):
        assert api(owner).delete(f"/api/tasks/{task.pk}/").status_code == 204
    remind(now=START + 3 * DAY)
    for entry in TrashEntry.objects.all():
        assert api(owner).post(f"/api/trash/{entry.pk}/restore/").status_code == 200
    remind(now=START + 3 * DAY + HOUR)
    assert reminded() == []

    remind(now=later.due_date - DAY)
    assert reminded() == [("task_due_soon", "member")]
