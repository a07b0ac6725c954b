"""Anchors of a move that do not hold."""

from __future__ import annotations

import pytest

from apps.projects.models import TrashEntry
from apps.projects.tests.factories import ProjectFactory
from apps.tasks.models import Task
from apps.tasks.order.tests.order_helpers import move, order
from apps.tasks.tests.assertions import snapshot
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("side", ["after", "before"])
def test_rk3_a_task_is_no_anchor_of_itself(api, member, task, side):
    [error] = move(api(member), task, **{side: task.pk}).json()["errors"]
    assert (error["pointer"], error["code"]) == (f"/{side}", "invalid")


@pytest.mark.parametrize("side", ["after", "before"])
def test_rk3_an_anchor_that_is_not_visible_does_not_exist(api, member, task, side):
    elsewhere = TaskFactory()

    response = move(api(member), task, **{side: elsewhere.pk})

    assert response.status_code == 400
    [error] = response.json()["errors"]
    assert (error["pointer"], error["code"]) == (f"/{side}", "does_not_exist")


def test_rk3_an_anchor_with_another_status_has_moved(api, project, member, four):
    Task.objects.filter(pk=four[3].pk).update(status="in_progress")
    before = snapshot()

    response = move(api(member), four[0], after=four[3].pk, status="review")

    assert response.status_code == 409
    problem = response.json()
    assert problem["code"] == "anchor_moved"
    assert problem["anchor"] == {
        "id": four[3].pk,
        "key": "WEB-4",
        "project": project.pk,
        "status": "in_progress",
        "parent": None,
        "is_archived": False,
    }
    assert snapshot() == before


def test_rk3_an_anchor_in_another_project_of_the_caller_has_moved(api, member, task):
    target = ProjectFactory(owner=member, key="MOB")
    anchor = TaskFactory(project=target)

    response = move(api(member), task, before=anchor.pk)

    assert response.status_code == 409
    assert response.json()["anchor"]["project"] == target.pk


@pytest.mark.parametrize("what", ["task", "project"])
def test_rk3_of_an_anchor_in_the_trash_nothing_is_said(api, owner, project, task, what):
    other = ProjectFactory(owner=owner, key="GONE")
    anchor = TaskFactory(project=project if what == "task" else other)
    client = api(owner)
    path = f"/api/tasks/{anchor.pk}/" if what == "task" else f"/api/projects/{other.pk}/"
    assert client.delete(path).status_code == 204
    assert TrashEntry.objects.count() == 1

    response = move(client, task, after=anchor.pk)

    assert (response.status_code, response.json()["code"], response.json()["anchor"]) == (409, "anchor_moved", None)


def test_rk3_without_a_status_in_the_body_any_column_is_an_anchor(api, project, member, four):
    Task.objects.filter(pk=four[3].pk).update(status="in_progress")

    assert move(api(member), four[0], after=four[3].pk).status_code == 200
    assert order(api(member), project) == "bcda"
