"""PATCH /api/tasks/{id}/status/"""

from __future__ import annotations

import itertools

import pytest

from apps.projects.models import Activity, Project
from apps.tasks.models import Status, Task
from apps.tasks.tests.assertions import counts, kinds_and_recipients, snapshot
from apps.tasks.tests.factories import TaskFactory


def url(task: Task) -> str:
    return f"/api/tasks/{task.pk}/status/"


@pytest.mark.parametrize(("old", "new"), list(itertools.permutations(Status.values, 2)))
def test_any_status_goes_to_any_other(api, project, member, old, new):
    task = TaskFactory(project=project, status=old)

    shown = api(member).patch(url(task), {"status": new}).json()

    assert (shown["status"], shown["version"]) == (new, 2)
    assert (shown["completed_at"] is not None) == (new == "done")
    assert counts(project) == (1, 1, int(new != "done"))


@pytest.mark.parametrize("status", Status.values)
def test_the_same_status_again_changes_and_tells_nothing(api, project, member, status):
    task = TaskFactory(project=project, status=status)
    before = snapshot()

    response = api(member).patch(url(task), {"status": status})

    assert (response.status_code, response.json()["version"]) == (200, 1)
    assert snapshot() == before


@pytest.mark.parametrize(
    ("who", "status"),
    [("owner", 200), ("admin", 200), ("member", 200), ("viewer", 403), ("outsider", 404), ("staff", 404)],
)
def test_each_role_has_its_answer(api, task, request, who, status):
    person = request.getfixturevalue(who)
    before = snapshot()

    response = api(person).patch(url(task), {"status": "done"})

    assert response.status_code == status
    if status != 200:
        assert snapshot() == before


@pytest.mark.parametrize("body", [{}, {"status": "DONE"}, {"status": None}, {"status": "done", "x": 1}, "done", None])
def test_a_bad_body_is_rejected(api, owner, task, body):
    before = snapshot()

    assert api(owner).patch(url(task), body).status_code == 400
    assert snapshot() == before


def test_a_stale_version_is_rejected(api, owner, task):
    response = api(owner).patch(url(task), {"status": "done"}, headers={"If-Match": '"9"'})

    assert response.status_code == 412
    assert Task.objects.get().status == "todo"


def test_an_archived_project_is_read_only(api, project, owner, task):
    Project.objects.filter(pk=project.pk).update(archived_at="2026-01-01T00:00:00Z")

    assert api(owner).patch(url(task), {"status": "done"}).status_code == 409


def test_other_methods_are_not_there(api, owner, task):
    for method in ("get", "post", "put", "delete"):
        assert getattr(api(owner), method)(url(task)).status_code == 405


def test_assignee_and_creator_are_told(api, owner, admin, member, task):
    Task.objects.filter(pk=task.pk).update(assigned_to=member)

    api(admin).patch(url(task), {"status": "done"})

    assert kinds_and_recipients() == {("task_status_changed", "member"), ("task_status_changed", "owner")}


def test_the_history_says_so(api, member, task):
    api(member).patch(url(task), {"status": "review"})

    entry = Activity.objects.get()
    assert (entry.verb, entry.changes) == ("status_changed", {"status": {"from": "todo", "to": "review"}})
