"""When an all-day task is overdue, and what people are notified of it (contract DU1, DU5)."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.notifications.models import Notification
from apps.notifications.reading import load
from apps.notifications.tests.outbox_rows import as_read
from apps.projects.tests.factories import MembershipFactory
from apps.tasks.messages import TaskUpdated
from apps.tasks.models import Task, overdue
from apps.tasks.queries.statistics import task_statistics
from apps.tasks.reminders.messages import TaskDueSoon, TaskOverdue
from apps.tasks.reminders.scan import note_scan, remind
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
KINDS = {"task_due_soon": TaskDueSoon, "task_overdue": TaskOverdue, "task_updated": TaskUpdated}


@pytest.fixture
def auckland(project):
    return MembershipFactory(project=project, user__username="kiri", user__timezone="Pacific/Auckland").user


@pytest.fixture
def honolulu(project):
    return MembershipFactory(project=project, user__username="keanu", user__timezone="Pacific/Honolulu").user


@pytest.fixture
def task(api, project, auckland, honolulu):
    """A task of somebody in Auckland, written in Honolulu, due on a Saturday."""
    task = TaskFactory(project=project, created_by=honolulu, created_at=datetime(2027, 2, 1, tzinfo=UTC))
    body = {"due_on": "2027-03-06", "assigned_to": auckland.pk}
    assert api(honolulu).patch(f"/api/tasks/{task.pk}/", body).status_code == 200
    task.refresh_from_db()
    return task


def reminded(kind):
    return list(Notification.objects.filter(in_app=True, kind=kind).values_list("recipient__username", flat=True))


def words_of(kind):
    row = Notification.objects.filter(kind=kind).latest("pk")
    return as_read(KINDS[kind].content(row, load([row])[row.pk]))


def facts_at(now):
    """Return what the list, the statistics and the reminders make of an instant."""
    remind(now=now)
    is_listed = Task.objects.filter(overdue(now=now)).exists()
    return is_listed, task_statistics(Task.objects.all(), now=now)["overdue"], reminded("task_overdue")


def test_du1_it_is_overdue_when_the_day_is_over_for_the_assignee(task):
    midnight = datetime(2027, 3, 6, 11, tzinfo=UTC)  # of Auckland, where it is Sunday then
    note_scan(midnight - DAY)

    assert facts_at(midnight - 2 * SECOND) == (False, 0, [])
    assert facts_at(midnight + SECOND) == (True, 1, ["kiri"])


def test_du5_reminders_come_ahead_of_the_end_of_the_day_and_say_the_day_without_a_time(task, auckland):
    note_scan(task.due_date - 2 * DAY)
    remind(now=task.due_date - DAY - SECOND)
    assert reminded("task_due_soon") == []

    remind(now=task.due_date - DAY + SECOND)

    assert reminded("task_due_soon") == ["kiri"]
    words = words_of("task_due_soon")
    assert words.title.endswith(f"is due Sat 6 Mar: {task.title}")
    assert words.lines[0] == f"The task “{task.title}” is due on Saturday 6 March 2027."


def test_du5_an_overdue_reminder_says_the_day(task):
    note_scan(task.due_date - SECOND)
    remind(now=task.due_date + SECOND)

    words = words_of("task_overdue")
    assert words.title.endswith(f"is overdue since Sat 6 Mar: {task.title}")
    assert words.lines[0] == f"The task “{task.title}” is overdue: it was due on Saturday 6 March 2027."


def test_du5_a_notification_shows_the_day_as_a_change_and_as_a_fact(api, task, honolulu, auckland):
    api(honolulu).patch(f"/api/tasks/{task.pk}/", {"due_on": "2027-03-07"})

    changed = words_of("task_updated")
    [change] = changed.changes
    assert (change.label, change.old, change.new) == ("Due on", "Saturday 6 March 2027", "Sunday 7 March 2027")
    assert not any(line.startswith("Due:") for line in changed.lines)

    api(honolulu).patch(f"/api/tasks/{task.pk}/", {"title": "Other"})
    assert "Due: Sunday 7 March 2027" in words_of("task_updated").lines


def test_du4_a_reminder_follows_the_task_to_another_assignee(api, project, task, honolulu):
    api(honolulu).patch(f"/api/tasks/{task.pk}/", {"assigned_to": honolulu.pk})
    task.refresh_from_db()
    midnight = datetime(2027, 3, 7, 10, tzinfo=UTC)  # of Honolulu
    note_scan(midnight - DAY)

    assert facts_at(midnight - 2 * SECOND) == (False, 0, [])
    assert facts_at(midnight + SECOND) == (True, 1, ["keanu"])
