"""Undoing what was done to a tree takes back exactly that (contract ST8, ST11, BU9; property 3 of sub-tasks)."""

from __future__ import annotations

from random import Random

import pytest

from apps.projects.tests.factories import ProjectFactory
from apps.tasks.models import Task
from apps.tasks.subtasks.tests.tree_helpers import assert_counted, chain, random_tree, tree_of, url
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db


def undo(client, batch_id):
    response = client.post(f"/api/batches/{batch_id}/undo/", {})
    assert response.status_code == 200, response.content
    return response.json()


ACTS = {
    "complete": lambda client, root, target: client.patch(
        url(root, "status"), {"status": "done", "on_subtasks": "complete"}
    ),
    "archive": lambda client, root, target: client.post(url(root, "archive")),
    "move": lambda client, root, target: client.patch(url(root), {"project": target.pk}),
    "delete": lambda client, root, target: client.delete(url(root)),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("seed", range(2))
def test_bu9_undoing_an_act_on_a_random_tree_restores_exactly_the_former_state(api, owner, project, act, seed):
    random = Random(seed)
    tasks = random_tree(project, random, count=14)
    target, client = ProjectFactory(owner=owner, key="MOB"), api(owner)
    for task in random.sample(tasks[1:], 3):
        client.patch(url(task, "status"), {"status": random.choice(["done", "review"])})
    client.post(url(random.choice(tasks[1:]), "archive"))
    keys = dict(Task.objects.values_list("pk", "number"))
    before = tree_of(tasks)

    done = ACTS[act](client, tasks[0], target)
    assert tree_of(tasks) != before
    assert_counted()
    undone = undo(client, done["X-Batch-ID"])

    assert tree_of(tasks) == before
    assert dict(Task.objects.values_list("pk", "number")) == keys
    assert undone["counts"]["failed"] == undone["counts"]["conflict"] == 0
    assert_counted()


def test_st8_undoing_reopens_exactly_what_the_batch_closed(api, owner, project):
    root, child = chain(project, 2)
    done = TaskFactory(project=project, parent=root, status="done")
    client = api(owner)
    response = client.patch(url(root, "status"), {"status": "done", "on_subtasks": "complete"})
    late = TaskFactory(project=project, parent=root, status="done")

    undo(client, response["X-Batch-ID"])

    statuses = dict(Task.objects.values_list("pk", "status"))
    assert [statuses[task.pk] for task in (root, child, done, late)] == ["todo", "todo", "done", "done"]
    assert_counted()


def test_bu5_a_task_that_its_parent_took_along_is_unchanged_when_its_turn_comes(api, owner, project):
    tasks = chain(project, 3)
    client = api(owner)

    response = client.post("/api/tasks/bulk/", {"ids": [task.pk for task in tasks], "action": "archive"})

    assert response.status_code == 200, response.content
    assert [item["result"] for item in response.json()["results"]] == ["changed", "unchanged", "unchanged"]
    assert not Task.objects.filter(archived_at=None).exists()
    undo(client, response["X-Batch-ID"])
    assert Task.objects.filter(archived_at=None).count() == 3
    assert_counted()
