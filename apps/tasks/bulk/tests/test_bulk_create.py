"""POST /api/tasks/bulk-create/ (contract BU3, BU4, BU7)."""

from __future__ import annotations

import pytest

from apps.batches.models import Batch
from apps.projects.models import Project
from apps.tasks.models import Task

pytestmark = pytest.mark.django_db
URL = "/api/tasks/bulk-create/"


def bodies(project, *titles):
    return [{"title": title, "project": project.pk} for title in titles]


def test_bu7_tasks_are_created_in_the_order_of_the_list(api, member, project):
    answer = api(member).post(URL, {"tasks": bodies(project, "One", "Two")}).json()

    assert [item["key"] for item in answer["results"]] == ["WEB-1", "WEB-2"]
    assert list(Task.objects.order_by("number").values_list("title", flat=True)) == ["One", "Two"]
    assert answer["results"][0]["changes"]["title"] == {"from": None, "to": "One"}
    batch = Batch.objects.get()
    assert (batch.action, batch.total) == ("create", 2)


def test_bu7_a_parent_may_be_an_earlier_task_of_the_list(api, member, project):
    tasks = bodies(project, "Root", "Child", "Grandchild")
    tasks[1]["parent"], tasks[2]["parent"] = "#0", "#1"

    answer = api(member).post(URL, {"tasks": tasks}).json()

    root, child, grandchild = Task.objects.order_by("number")
    assert answer["counts"]["changed"] == 3
    assert (root.parent, child.parent, grandchild.parent) == (None, root, child)


@pytest.mark.parametrize("parent", ["#1", "#2", "#99"])
def test_bu7_a_later_task_is_no_parent(api, member, project, parent):
    tasks = bodies(project, "Root", "Child")
    tasks[1]["parent"] = parent

    response = api(member).post(URL, {"tasks": tasks})

    assert response.status_code == 422
    error = response.json()["results"][1]["error"]
    assert (error["code"], error["pointer"]) == ("does_not_exist", "/parent")


def test_bu3_one_wrong_task_rejects_all_when_atomic(api, member, project):
    response = api(member).post(URL, {"tasks": [*bodies(project, "One"), {"title": "", "project": project.pk}]})

    assert (response.status_code, response.json()["code"]) == (422, "bulk_failed")
    assert response.json()["results"][1]["error"]["pointer"] == "/title"
    assert not Task.objects.exists()
    assert Project.objects.get(pk=project.pk).last_task_number == 0


def test_bu3_best_effort_creates_the_others(api, member, project):
    tasks = [*bodies(project, "One"), {"title": "Two", "colour": "red"}, *bodies(project, "Three")]

    answer = api(member).post(URL, {"tasks": tasks, "mode": "best_effort"}).json()

    assert [item["result"] for item in answer["results"]] == ["changed", "failed", "changed"]
    assert answer["results"][1]["error"]["code"] == "unknown_field"
    assert [item["key"] for item in answer["results"]] == ["WEB-1", None, "WEB-2"]


def test_bu4_a_dry_run_has_neither_ids_nor_keys_and_creates_nothing(api, member, project):
    answer = api(member).post(URL, {"tasks": bodies(project, "One"), "dry_run": True}).json()

    assert [(item["id"], item["key"], item["result"]) for item in answer["results"]] == [(None, None, "changed")]
    assert not Task.objects.exists()
    assert Project.objects.get(pk=project.pk).last_task_number == 0


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"tasks": []}, "/tasks", "empty"),
        ({"tasks": [{"title": "x"}] * 101}, "/tasks", "too_many_tasks"),
        ({"tasks": ["x"]}, "/tasks/0", "not_a_dict"),
        ({}, "/tasks", "required"),
    ],
)
def test_what_is_wrong_with_the_request_is_a_400(api, member, body, pointer, code):
    response = api(member).post(URL, body)

    assert response.status_code == 400
    assert [(each["pointer"], each["code"]) for each in response.json()["errors"]] == [(pointer, code)]
