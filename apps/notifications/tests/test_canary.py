"""With the kinds of all apps: who has left a project reads nothing of it any more, anywhere."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.notifications.delivery import sender
from apps.notifications.models import Notification
from apps.tasks.reminders import scan

pytestmark = pytest.mark.django_db

LIST = "/api/notifications/"
CANARY = "Yellow canary"


@pytest.fixture
def told_of_everything(api, owner, project, member):
    """A member who has unread notifications of a task and a due date, and mails that wait."""
    client = api(owner)
    body = {"project": project.pk, "title": CANARY, "description": CANARY, "assigned_to": member.pk}
    task = client.post("/api/tasks/", body | {"due_date": timezone.now() + timedelta(hours=2)}).json()
    client.patch(f"/api/tasks/{task['id']}/", {"title": f"{CANARY} renamed", "priority": "urgent"})
    client.patch(f"/api/tasks/{task['id']}/status/", {"status": "review"})
    scan.remind(now=timezone.now())
    assert Notification.objects.filter(recipient=member).count() >= 4
    return task


def everything_read_by(client) -> str:
    rows = client.get(LIST, {"page_size": 100})
    details = [client.get(f"{LIST}{pk}/").content for pk in Notification.objects.values_list("pk", flat=True)]
    return (rows.content + b"".join(details)).decode()


def test_a_member_reads_it_in_the_app_and_in_mails(api, member, mailbox, told_of_everything):
    sender.deliver()

    assert CANARY in everything_read_by(api(member))
    assert CANARY.encode() in b"".join(mailbox.raw)


def test_who_was_removed_reads_nothing_of_it(api, owner, member, project, mailbox, told_of_everything):
    api(owner).delete(f"/api/projects/{project.pk}/members/{member.pk}/")
    api(owner).patch(f"/api/projects/{project.pk}/", {"name": f"{CANARY} project"})
    sender.deliver()

    client = api(member)
    assert CANARY not in everything_read_by(client)
    assert CANARY.encode() not in b"".join(mailbox.raw)
    left = [row["kind"] for row in client.get(LIST).json()["results"]]
    assert left == ["project_member_removed"]
    assert client.get(f"{LIST}unread-count/").json() == {"unread": 1}
    assert client.post(f"{LIST}read-all/").json() == {"read": 1}
    assert Notification.objects.filter(recipient=member, read_at=None, in_app=True).exists()


def test_a_task_that_moved_out_of_sight_is_not_read_any_more(api, owner, member, mailbox, told_of_everything):
    elsewhere = api(owner).post("/api/projects/", {"name": "Elsewhere"}).json()["id"]
    api(owner).patch(f"/api/tasks/{told_of_everything['id']}/", {"project": elsewhere})
    sender.deliver()

    assert CANARY not in everything_read_by(api(member))
    assert CANARY.encode() not in b"".join(mailbox.raw)


def test_who_comes_back_reads_it_again(api, owner, member, project, told_of_everything):
    api(owner).delete(f"/api/projects/{project.pk}/members/{member.pk}/")
    api(owner).post(f"/api/projects/{project.pk}/members/", {"user_id": member.pk, "role": "viewer"})

    assert CANARY in everything_read_by(api(member))


def test_the_list_of_all_kinds_takes_a_constant_number_of_queries(api, owner, member, project, told_of_everything):
    client = api(member)

    def queries() -> int:
        client.get(LIST)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert client.get(LIST, {"page_size": 100}).status_code == 200
        return len(captured)

    before = queries()
    for number in range(10):
        body = {"project": project.pk, "title": f"Task {number}", "assigned_to": member.pk}
        api(owner).post("/api/tasks/", body)
    assert queries() == before


def test_the_actor_is_shown_as_a_person(api, owner, member, told_of_everything):
    actors = [row["actor"] for row in api(member).get(LIST).json()["results"] if row["actor"]]

    assert actors
    assert actors[0] == {"id": owner.pk, "username": "owner", "nickname": owner.nickname, "avatar": None}
