"""POST /api/tasks/{id}/archive/ and /unarchive/"""

from __future__ import annotations

import pytest

from apps.projects.models import Activity, Project
from apps.tasks.models import Task
from apps.tasks.tests.assertions import counts, kinds_and_recipients, snapshot
from apps.tasks.tests.factories import TaskFactory


def url(task: Task, act: str = "archive") -> str:
    return f"/api/tasks/{task.pk}/{act}/"


def test_an_archived_task_leaves_lists_and_counts_and_keeps_its_page(api, project, member, task):
    client = api(member)

    response = client.post(url(task))

    assert (response.status_code, response.json()["is_archived"], response.json()["version"]) == (200, True, 2)
    assert client.get("/api/tasks/").json()["results"] == []
    assert client.get(f"/api/tasks/{task.pk}/").status_code == 200
    assert counts(project) == (1, 1, 0)


def test_unarchiving_brings_it_back(api, project, member, task):
    client = api(member)
    client.post(url(task))

    response = client.post(url(task, "unarchive"))

    assert (response.json()["is_archived"], response.json()["version"]) == (False, 3)
    assert len(client.get("/api/tasks/").json()["results"]) == 1
    assert counts(project) == (1, 1, 1)


def test_a_done_task_is_not_counted_as_open_either_way(api, project, member):
    task = TaskFactory(project=project, status="done")
    for act in ("archive", "unarchive"):
        api(member).post(url(task, act))

        assert counts(project) == (1, 1, 0)


@pytest.mark.parametrize("act", ["archive", "unarchive"])
def test_a_second_time_changes_nothing(api, member, task, act):
    client = api(member)
    client.post(url(task))
    client.post(url(task, act))
    before = snapshot()

    assert client.post(url(task, act)).status_code == 200
    assert snapshot() == before


@pytest.mark.parametrize(
    ("who", "status"),
    [("owner", 200), ("admin", 200), ("member", 200), ("viewer", 403), ("outsider", 404), ("staff", 404)],
)
@pytest.mark.parametrize("act", ["archive", "unarchive"])
def test_each_role_has_its_answer(api, task, request, who, status, act):
    person = request.getfixturevalue(who)
    before = snapshot()

    assert api(person).post(url(task, act)).status_code == status
    if status != 200:
        assert snapshot() == before


def test_a_stale_version_is_rejected(api, owner, task):
    assert api(owner).post(url(task), headers={"If-Match": '"9"'}).status_code == 412
    assert not Task.objects.get().is_archived


def test_an_archived_project_is_read_only(api, project, owner, task):
    Project.objects.filter(pk=project.pk).update(archived_at="2026-01-01T00:00:00Z")

    assert api(owner).post(url(task)).status_code == 409


def test_assignee_and_creator_are_told_and_the_history_says_so(api, owner, admin, member, task):
    Task.objects.filter(pk=task.pk).update(assigned_to=member)

    api(admin).post(url(task))

    assert kinds_and_recipients() == {("task_updated", "member"), ("task_updated", "owner")}
    entry = Activity.objects.get()
    assert (entry.verb, entry.changes) == ("archived", {"is_archived": {"from": False, "to": True}})
