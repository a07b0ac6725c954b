"""Archiving takes the tree along, unarchiving brings back what that act took (contract ST11)."""

from __future__ import annotations

from random import Random

import pytest

from apps.batches.models import Batch
from apps.tasks.models import Task
from apps.tasks.subtasks.tests.tree_helpers import assert_counted, chain, events_of, random_tree, tree_of, url
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db


def test_st11_archiving_takes_all_descendants_in_one_batch(api, member, project):
    tasks = chain(project, 3)
    beside = TaskFactory(project=project)
    client = api(member)

    response = client.post(url(tasks[0], "archive"))

    batch_id = response["X-Batch-ID"]
    assert response.json()["effects"] == {"batch_id": batch_id, "subtasks_changed": 2}
    assert [(kind, key) for kind, key, _ in events_of(batch_id)] == [("task.archived", task.key) for task in tasks]
    assert (Batch.objects.get(pk=batch_id).action, Batch.objects.get(pk=batch_id).total) == ("archive", 3)
    assert set(Task.objects.filter(archived_at=None)) == {beside}
    assert {task.version for task in Task.objects.exclude(pk=beside.pk)} == {2}
    assert client.get("/api/tasks/").json()["results"][0]["id"] == beside.pk
    assert_counted()


def test_st11_unarchiving_brings_back_what_that_act_archived_and_nothing_else(api, member, project):
    root, child, grandchild = chain(project, 3)
    before = TaskFactory(project=project, parent=root)
    client = api(member)
    client.post(url(before, "archive"))
    client.post(url(child, "archive"))
    client.post(url(root, "archive"))

    response = client.post(url(root, "unarchive"))

    assert "subtasks_changed" not in response.json()["effects"]
    assert set(Task.objects.filter(archived_at=None)) == {root}
    assert client.post(url(child, "unarchive")).json()["effects"]["subtasks_changed"] == 1
    assert set(Task.objects.filter(archived_at=None)) == {root, child, grandchild}
    assert_counted()


@pytest.mark.parametrize("seed", range(4))
def test_st11_archiving_and_unarchiving_a_random_tree_restores_exactly_the_former_state(api, owner, project, seed):
    random = Random(seed)
    tasks = random_tree(project, random)
    client = api(owner)
    for task in random.sample(tasks[1:], 4):
        client.post(url(task, "archive"))
    for task in random.sample(tasks[1:], 4):
        client.patch(url(task, "status"), {"status": "done"})
    client.delete(url(random.choice(tasks[1:])))
    before = tree_of(tasks)
    batches = dict(Task.objects.values_list("pk", "archive_batch"))

    archived = client.post(url(tasks[0], "archive"))
    assert not Task.objects.filter(archived_at=None, trash=None).exists()
    assert_counted()
    restored = client.post(url(tasks[0], "unarchive"))

    assert tree_of(tasks) == before
    assert dict(Task.objects.values_list("pk", "archive_batch")) == batches
    assert archived.json()["effects"].get("subtasks_changed") == restored.json()["effects"].get("subtasks_changed")
    assert_counted()


def test_st11_a_task_moved_out_of_an_archived_tree_stays_as_it_is(api, owner, project):
    root, child, _ = chain(project, 3)
    client = api(owner)
    client.post(url(root, "archive"))
    client.patch(url(child), {"parent": None})

    client.post(url(root, "unarchive"))

    assert set(Task.objects.filter(archived_at=None)) == {root}
    assert_counted()
