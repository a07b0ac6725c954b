"""`unread=` of the list of tasks: an unread notification of the caller in the app."""

from __future__ import annotations

import pytest

from apps.notifications.models import Notification
from apps.projects.models import Project
from apps.projects.tests.factories import ProjectFactory
from apps.tasks.tests.factories import TaskFactory


@pytest.fixture
def noted(owner, admin, project):
    """Return two tasks of which the owner has been notified, and one without a notification."""
    tasks = [TaskFactory(project=project) for _ in range(3)]
    for number, task in enumerate(tasks[:2]):
        Notification.objects.create(
            recipient=owner, kind="task_updated", dedupe_key=str(number), project_id=project.pk, task_id=task.pk
        )
    return tasks


def keys(client, query: str) -> set[str]:
    answer = client.get(f"/api/tasks/?{query}")
    assert answer.status_code == 200
    return {one["key"] for one in answer.json()["results"]}


def test_tasks_with_and_without_an_unread_notification(api, owner, noted):
    client = api(owner)
    assert keys(client, "unread=true") == {"WEB-1", "WEB-2"}
    assert keys(client, "unread=false") == {"WEB-3"}
    first = client.get("/api/notifications/?ordering=created_at").json()["results"][0]
    client.post(f"/api/notifications/{first['id']}/read/")

    assert keys(client, "unread=true") == {"WEB-2"}
    assert keys(client, "unread=false") == {"WEB-1", "WEB-3"}
    assert client.get("/api/tasks/statistics/?unread=true").json()["total"] == 1
    client.post("/api/notifications/read-all/")
    assert keys(client, "unread=true") == set()


def test_those_of_others_and_those_sent_by_mail_alone_do_not_count(api, owner, admin, noted):
    assert keys(api(admin), "unread=true") == set()
    Notification.objects.update(in_app=False)

    assert keys(api(owner), "unread=true") == set()


def test_a_notification_from_a_project_that_is_no_longer_readable_does_not_count(api, owner, outsider, noted):
    Notification.objects.update(project_id=Project.objects.get(owner=outsider).pk)

    assert keys(api(owner), "unread=true") == set()


def test_a_mention_makes_a_task_unread(api, admin, member, noted):
    assert keys(api(member), "unread=true") == set()
    api(admin).post(f"/api/tasks/{noted[2].pk}/comments/", {"body": "@member"})

    assert keys(api(member), "unread=true") == {"WEB-3"}


def test_it_goes_with_the_other_filters(api, owner, project, noted):
    other = ProjectFactory(owner=owner, key="OTH")
    client = api(owner)

    assert keys(client, f"unread=true&project={other.pk}") == set()
    assert keys(client, f"unread=true&project={project.pk}&status=todo&watching=me") == {"WEB-1", "WEB-2"}
    assert client.get("/api/tasks/?unread=maybe").status_code == 400
