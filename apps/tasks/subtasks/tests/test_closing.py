"""Setting a task with open sub-tasks to done (contract ST8)."""

from __future__ import annotations

from random import Random

import pytest

from apps.batches.models import Batch
from apps.projects.models import Activity, Project
from apps.tasks.models import Task
from apps.tasks.subtasks.tests.tree_helpers import assert_counted, chain, events_of, random_tree, url
from apps.tasks.tests.assertions import snapshot
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db


def close(client, task, **options):
    return client.patch(url(task, "status"), {"status": "done", **options})


def statuses():
    return dict(Task.objects.values_list("number", "status"))


def test_st8_leave_is_the_default_and_changes_nothing_else(api, member, project):
    root, *_ = chain(project, 3)

    response = close(api(member), root)

    assert response.status_code == 200
    assert "effects" not in response.json()
    assert "X-Batch-ID" not in response
    assert statuses() == {1: "done", 2: "todo", 3: "todo"}
    assert_counted()


@pytest.mark.parametrize("way", ["status", "patch", "put"])
def test_st8_complete_closes_every_open_descendant_in_one_batch(api, member, project, way):
    root, child, grandchild = chain(project, 3)
    done = TaskFactory(project=project, parent=root, status="done")
    archived = TaskFactory(project=project, parent=child)
    client = api(member)
    client.post(url(archived, "archive"))
    body = {"status": "done", "on_subtasks": "complete"}

    if way == "status":
        response = client.patch(url(root, "status"), body)
    elif way == "patch":
        response = client.patch(url(root), body)
    else:
        response = client.put(url(root), body | {"title": root.title})

    shown = response.json()
    assert (response.status_code, shown["subtasks"]) == (200, {"total": 2, "done": 2})
    batch_id = response["X-Batch-ID"]
    assert shown["effects"] == {"batch_id": batch_id, "subtasks_changed": 2}
    versions = dict(Task.objects.values_list("pk", "version"))
    assert [versions[task.pk] for task in (root, child, grandchild, done, archived)] == [2, 2, 2, 1, 2]
    assert Task.objects.get(pk=archived.pk).status == "todo"
    events = list(events_of(batch_id))
    assert {(kind, key) for kind, key, _ in events} == {
        ("task.updated", task.key) for task in (root, child, grandchild)
    }
    assert all(changes["status"] == {"from": "todo", "to": "done"} for _, _, changes in events)
    assert {event.verb for event in Activity.objects.filter(batch_id=batch_id)} == {"status_changed"}
    assert (Batch.objects.get(pk=batch_id).action, Batch.objects.get(pk=batch_id).total) == ("complete", 3)
    assert client.get(url(root))["ETag"] == response["ETag"]
    assert_counted()


@pytest.mark.parametrize("seed", range(3))
def test_st8_complete_closes_exactly_the_open_descendants_of_a_random_tree(api, owner, project, seed):
    random = Random(seed)
    tasks = random_tree(project, random)
    other = chain(project, 2)
    client = api(owner)
    for task in random.sample(tasks[1:], 6):
        client.patch(url(task, "status"), {"status": random.choice(["done", "review"])})
    root = random.choice(tasks[:3])
    open_ids = {task["id"] for task in client.get(url(root, "tree")).json()["results"] if task["status"] != "done"}

    response = close(client, root, on_subtasks="complete")

    changed = {event.task_id for event in Activity.objects.filter(batch_id=response.headers.get("X-Batch-ID"))}
    assert changed - {None} == (open_ids if len(open_ids) > 1 else changed - {None})
    assert not Task.objects.filter(pk__in=open_ids).exclude(status="done").exists()
    assert Task.objects.filter(pk__in=[task.pk for task in other], status="todo").count() == 2
    assert_counted()


def test_st8_reject_names_the_open_sub_tasks_and_changes_nothing(api, member, project):
    root = TaskFactory(project=project)
    children = [TaskFactory(project=project, parent=root) for _ in range(12)]
    client, before = api(member), snapshot()

    response = close(client, root, on_subtasks="reject")

    body = response.json()
    assert (response.status_code, body["code"], body["count"]) == (409, "open_subtasks", 12)
    assert body["first"] == [child.key for child in children[:10]]
    assert snapshot() == before


def test_st8_reject_lets_a_task_without_open_sub_tasks_pass(api, owner, project):
    root, child = chain(project, 2)
    client = api(owner)
    client.post(url(child, "archive"))
    TaskFactory(project=project, parent=root, status="done")

    assert close(client, root, on_subtasks="reject").status_code == 200


@pytest.mark.parametrize(("setting", "status"), [("leave", 200), ("complete", 200), ("reject", 409)])
def test_st8_the_project_decides_where_the_request_does_not(api, owner, project, setting, status):
    root, child = chain(project, 2)
    client = api(owner)
    assert client.patch(f"/api/projects/{project.pk}/", {"on_parent_done": setting}).json()["on_parent_done"] == setting

    response = close(client, root)

    assert response.status_code == status
    assert Task.objects.get(pk=child.pk).status == ("done" if setting == "complete" else "todo")


def test_st8_the_request_goes_before_the_project(api, owner, project):
    Project.objects.filter(pk=project.pk).update(on_parent_done="reject")
    root, child = chain(project, 2)

    assert close(api(owner), root, on_subtasks="leave").status_code == 200
    assert Task.objects.get(pk=child.pk).status == "todo"


def test_st8_the_option_has_no_effect_without_a_change_to_done(api, member, project):
    root, _ = chain(project, 2)
    client = api(member)

    for body in ({"title": "New", "on_subtasks": "reject"}, {"status": "review", "on_subtasks": "complete"}):
        assert client.patch(url(root), body).status_code == 200
    close(client, root)
    assert close(client, root, on_subtasks="reject").status_code == 200
    assert statuses()[2] == "todo"


def test_st8_reopening_never_reopens_children(api, member, project):
    root, child = chain(project, 2)
    client = api(member)
    close(client, root, on_subtasks="complete")

    client.patch(url(root, "status"), {"status": "todo", "on_subtasks": "complete"})

    assert Task.objects.get(pk=child.pk).status == "done"


def test_an_option_that_is_none_is_a_400_and_a_new_task_takes_none(api, member, project, task):
    client = api(member)

    wrong = client.patch(url(task), {"status": "done", "on_subtasks": "ignore"})
    new = client.post("/api/tasks/", {"title": "x", "project": project.pk, "on_subtasks": "leave"})

    assert [error["code"] for error in wrong.json()["errors"]] == ["invalid_choice"]
    assert [(error["pointer"], error["code"]) for error in new.json()["errors"]] == [("/on_subtasks", "unknown_field")]


def test_only_an_admin_says_what_the_project_does(api, member, project):
    path = f"/api/projects/{project.pk}/"

    assert api(member).patch(path, {"on_parent_done": "complete"}).status_code == 403
    wrong = api(project.owner).patch(path, {"on_parent_done": "never"})
    assert [error["code"] for error in wrong.json()["errors"]] == ["invalid_choice"]
