"""How notifications about tasks read, and when they are no longer true."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.notifications.kinds import KINDS
from apps.notifications.models import Notification
from apps.notifications.reading import load
from apps.notifications.tests.outbox_rows import as_read
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.models import Comment, Task
from apps.tasks.services.deletion import delete_task
from apps.tasks.tests.factories import TaskFactory
from apps.tasks.wording import local_time, span
from apps.users.models import User


def content(row: Notification):
    kind = KINDS[row.kind]
    return as_read(kind.content(row, load([row])[row.pk]))


def reason_to_withhold(row: Notification) -> str:
    kind = KINDS[row.kind]
    subject = load([row]).get(row.pk)
    return kind.reason_to_withhold(row, subject) if subject else "gone"


@pytest.fixture
def notice(api, owner, admin, member, task):
    """Return the row that a write of the admin entered for the member."""

    def write(path: str, body: dict) -> Notification:
        response = api(admin).patch(f"/api/tasks/{task.pk}/{path}", body)
        assert response.status_code == 200, response.json()
        return Notification.objects.filter(recipient=member).latest("pk")

    return write


def test_an_assignment_says_who_what_where_and_when(notice, admin, member, task):
    User.objects.filter(pk=member.pk).update(timezone="Europe/Berlin")
    User.objects.filter(pk=admin.pk).update(nickname="Ada")
    Task.objects.filter(pk=task.pk).update(due_date=datetime(2027, 1, 31, 8, tzinfo=UTC), priority="high")

    said = content(notice("assign/", {"assigned_to": member.pk}))

    assert said.title == "WEB-1 is assigned to you: Fix the login page"
    assert said.lines == (
        "Ada assigned the task “Fix the login page” to you.",
        "Project: Website · Priority: High",
        "Due: Sunday 31 January 2027, 09:00 (Europe/Berlin, UTC+01:00)",
    )
    assert [(change.label, change.old, change.new) for change in said.changes] == [("Assignee", "", "member")]
    assert said.why == "You get this because the task is assigned to you."
    assert (said.path, said.thread) == (f"/tasks/{task.pk}/", f"task-{task.pk}")


def test_an_edit_says_what_changed_from_what_to_what(notice, member, task):
    Task.objects.filter(pk=task.pk).update(assigned_to=member)
    body = {
        "title": "New",
        "status": "in_progress",
        "priority": "low",
        "duration": 90,
        "due_date": "2027-07-01T08:00:00Z",
        "description": "x" * 1_000,
        "metadata": {"a": 1},
    }

    said = content(notice("", body))

    assert said.title == "WEB-1 was changed: New"
    changes = {change.label: (change.old, change.new) for change in said.changes}
    assert changes == {
        "Title": ("Fix the login page", "New"),
        "Description": ("", "x" * 200 + "…"),
        "Status": ("To do", "In progress"),
        "Priority": ("Medium", "Low"),
        "Due": ("", "Thursday 1 July 2027, 08:00 (UTC)"),
        "Estimate": ("", "90 min"),
    }


def test_a_status_is_named(notice, member, task):
    Task.objects.filter(pk=task.pk).update(assigned_to=member)

    said = content(notice("status/", {"status": "review"}))

    assert said.title == "WEB-1 is now in review: Fix the login page"
    assert "set the task “Fix the login page” to “In review”." in said.lines[0]


def test_losing_a_task_says_who_has_it_now(notice, owner, member, task):
    Task.objects.filter(pk=task.pk).update(assigned_to=member)

    said = content(notice("assign/", {"assigned_to": owner.pk}))

    assert said.title == "WEB-1 is no longer assigned to you: Fix the login page"
    assert [(change.old, change.new) for change in said.changes] == [("member", "owner")]


def test_a_new_task_is_told_to_managers_without_mail(api, project, owner, member):
    api(member).post("/api/tasks/", {"project": project.pk, "title": "x"})

    row = Notification.objects.get(recipient=owner)
    assert (row.kind, row.in_app, row.mail_state) == ("task_created", True, "none")
    assert content(row).title == "WEB-1 is new: x"
    assert content(row).why == "You get this because you manage the project."
    project.memberships.filter(user=member).update(role="viewer")
    assert reason_to_withhold(row) == ""


def test_an_assignment_taken_back_is_not_told(notice, member, task):
    row = notice("assign/", {"assigned_to": member.pk})
    assert reason_to_withhold(row) == ""

    Task.objects.update(assigned_to=None)
    assert reason_to_withhold(row) == "not assigned any more"


def test_a_loss_made_good_is_not_told(notice, member, task):
    Task.objects.filter(pk=task.pk).update(assigned_to=member)
    row = notice("assign/", {"assigned_to": None})
    assert reason_to_withhold(row) == ""

    Task.objects.update(assigned_to=member)
    assert reason_to_withhold(row) == "assigned again"


def test_who_has_nothing_to_do_with_the_task_any_more_is_not_told(notice, member, task):
    Task.objects.filter(pk=task.pk).update(assigned_to=member)
    row = notice("", {"title": "New"})
    assert reason_to_withhold(row) == ""

    Task.objects.update(assigned_to=None)
    assert reason_to_withhold(row) == "neither assignee nor creator any more"


@pytest.mark.parametrize("act", ["leave", "delete", "move"])
def test_who_does_not_see_the_task_any_more_learns_nothing(api, notice, project, outsider, member, task, act):
    Task.objects.filter(pk=task.pk).update(assigned_to=member)
    row = notice("", {"title": "New"})

    if act == "leave":
        Task.objects.update(assigned_to=None)
        project.memberships.filter(user=member).delete()
    elif act == "delete":
        Task.objects.all().delete()
    else:
        Task.objects.update(assigned_to=None, project=outsider.owned_projects.get())

    assert reason_to_withhold(row) == "gone"


def test_who_follows_a_moved_task_reads_of_it_while_a_member_of_both_projects(notice, project, outsider, member, task):
    Task.objects.filter(pk=task.pk).update(assigned_to=member)
    row = notice("", {"title": "New"})
    elsewhere = outsider.owned_projects.get()
    elsewhere.memberships.create(user=member, role="member")
    Task.objects.update(project=elsewhere)

    assert content(row).lines[1].startswith(f"Project: {elsewhere.name} ")

    project.memberships.filter(user=member).delete()
    assert reason_to_withhold(row) == "gone"


def test_a_list_in_the_app_says_of_tasks_what_each_notification_says_alone(api, project, owner, outsider, member, task):
    """Lists read tasks as JSON beside the rows, a single notification reads them by a statement."""
    elsewhere = ProjectFactory(owner=outsider, archived_at=timezone.now())
    MembershipFactory(project=elsewhere, user=member, role="viewer")
    due = datetime(2027, 1, 31, 8, 0, 0, 120, tzinfo=UTC)
    Task.objects.filter(pk=task.pk).update(due_date=due, priority="high", description="“All” of it")
    whole_day = TaskFactory(project=project, due_on=date(2027, 2, 1), due_date=due, title="A “day” \\ \x7f")
    moved = TaskFactory(project=project, archived_at=timezone.now())
    unseen, gone = TaskFactory(project=ProjectFactory(owner=outsider)), TaskFactory(project=project)
    archived = TaskFactory(project=elsewhere)
    comment = Comment.objects.create(task=task, project=project, author=owner, body="Seen on Android")
    tasks = [task, whole_day, moved, unseen, gone, archived]
    status = {"changes": {"status": {"from": "todo", "to": "review"}}}
    told = [
        *(("task_assigned", one, {}) for one in tasks),
        ("task_status_changed", task, status),
        ("task_status_changed", task, {}),  # broken
        ("task_due_soon", task, {"due_date": due.isoformat()}),
        ("task_due_soon", whole_day, {"due_date": due.isoformat(), "late": 3600}),
        ("task_overdue", None, {"tasks": [task.pk, moved.pk, unseen.pk], "count": 4}),
        ("comment_added", task, {"comment": comment.pk}),
        ("task_mentioned", task, {}),
        ("tasks_changed", None, {"action": "move", "count": 2, "tasks": [[task.pk, "task_updated"]]}),
    ]
    for number, (kind, about, data) in enumerate(told):
        place = elsewhere.pk if about == moved else about and about.project_id
        Notification.objects.create(
            recipient=member, actor_id=owner.pk, kind=kind, task_id=about and about.pk, project_id=place, data=data,
            dedupe_key=str(number),
        )  # fmt: skip
    delete_task(actor=owner, task=gone)
    client = api(member)

    shown = client.get("/api/notifications/").json()["results"]

    alone = {row["id"]: client.get(f"/api/notifications/{row['id']}/").json() for row in shown}
    assert {row["id"]: row for row in shown} == alone
    assert len(shown) == len(told) - 1  # nothing of a project that the reader is no member of
    words = "\n".join(row["body"] for row in shown)
    assert all(text in words for text in ("08:00 (UTC)", "1 February 2027", "Seen on Android", "“All” of it"))
    assert words.count("It is no longer there.") == 1


def test_a_list_in_the_app_reads_its_tasks_in_its_own_statement(api, project, owner, member, django_assert_num_queries):
    tasks = [TaskFactory(project=project) for _ in range(3)]
    for task in tasks:
        Notification.objects.create(
            recipient=member, actor_id=owner.pk, kind="task_assigned", task_id=task.pk, project_id=project.pk,
            dedupe_key=str(task.pk),
        )  # fmt: skip
    client = api(member)

    with django_assert_num_queries(2):  # the session and the list
        shown = client.get("/api/notifications/?unread=true").json()["results"]

    assert {row["task"] for row in shown} == {task.pk for task in tasks}


def test_a_manager_who_is_none_any_more_is_not_told_of_new_tasks(api, project, admin, member):
    api(member).post("/api/tasks/", {"project": project.pk, "title": "x"})
    row = Notification.objects.get(recipient=admin)
    assert reason_to_withhold(row) == ""

    project.memberships.filter(user=admin).update(role="member")
    assert reason_to_withhold(row) == "does not manage the project any more"


def test_many_rows_are_loaded_in_two_statements(api, project, owner, admin, member):
    for _ in range(10):
        task = TaskFactory(project=project, assigned_to=member)
        api(admin).patch(f"/api/tasks/{task.pk}/", {"title": "New"})
    rows = list(Notification.objects.select_related("recipient"))
    assert len(rows) == 20

    with CaptureQueriesContext(connection) as queries:
        loaded = load(rows)

    assert len(loaded) == 20
    assert len(queries) == 2


@pytest.mark.parametrize(
    ("zone", "before", "after"),
    [
        ("Europe/Berlin", "Saturday 27 March 2027, 13:00", "Sunday 28 March 2027, 14:00"),
        ("America/New_York", "Saturday 27 March 2027, 08:00", "Sunday 28 March 2027, 08:00"),
        ("Asia/Kolkata", "Saturday 27 March 2027, 17:30", "Sunday 28 March 2027, 17:30"),
        ("Nowhere/Land", "Saturday 27 March 2027, 12:00", "Sunday 28 March 2027, 12:00"),
    ],
)
def test_times_are_local_on_both_sides_of_a_clock_change(zone, before, after):
    assert local_time(datetime(2027, 3, 27, 12, tzinfo=UTC), zone).startswith(before)
    assert local_time(datetime(2027, 3, 28, 12, tzinfo=UTC), zone).startswith(after)


@pytest.mark.parametrize(
    ("instant", "zone", "text"),
    [
        (datetime.max.replace(tzinfo=UTC), "Asia/Tokyo", "Friday 31 December 9999, 23:59 (UTC)"),
        (datetime.min.replace(tzinfo=UTC), "America/Los_Angeles", "Monday 1 January 1, 00:00 (UTC)"),
    ],
)
def test_a_time_that_the_zone_cannot_show_is_told_in_utc(instant, zone, text):
    assert local_time(instant, zone).replace("0001", "1") == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(30, "less than a minute"), (60, "1 minute"), (3_599, "59 minutes"), (21_700, "6 hours")]
)
def test_a_span_is_said_in_its_largest_unit(seconds, text):
    assert span(seconds) == text
