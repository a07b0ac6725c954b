"""A tree goes into the trash as one entry and comes back (contract ST11, TR2, TR5, TR9)."""

from __future__ import annotations

from random import Random

import pytest

from apps.projects.models import TrashEntry
from apps.tasks.models import Task
from apps.tasks.subtasks import placing
from apps.tasks.subtasks.tests.tree_helpers import assert_counted, chain, events_of, random_tree, tree_of, url
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db
EVER = "2000-01-01T00:00:00Z"


def trash(client, task):
    """Delete a task; return the path of its entry."""
    response = client.delete(url(task))
    assert response.status_code == 204, response.content
    return response["Location"]


def restore(client, entry):
    response = client.post(f"{entry}restore/", {})
    assert response.status_code == 200, response.content
    return response.json()


def test_tr2_one_entry_is_the_root_and_all_its_descendants(api, owner, project):
    tasks = chain(project, 3)
    client = api(owner)
    archived = TaskFactory(project=project, parent=tasks[0])
    client.post(url(archived, "archive"))

    response = client.delete(url(tasks[0]))

    shown = client.get(response["Location"]).json()
    assert shown["tasks_count"] == 4
    assert [(task["id"], task["depth"]) for task in shown["tasks"]] == [
        *((task.pk, depth) for depth, task in enumerate(tasks)),
        (archived.pk, 1),
    ]
    events = list(events_of(response["X-Batch-ID"]))
    assert [(kind, key) for kind, key, _ in events] == [("task.deleted", task.key) for task in [*tasks, archived]]
    assert [task.version for task in Task.objects.order_by("number")] == [2, 2, 2, 3]
    assert client.get("/api/tasks/?archived=true").json()["results"] == []
    assert_counted()


def test_tr2_what_was_in_the_trash_before_keeps_its_own_entry(api, owner, project):
    root, child, grandchild = chain(project, 3)
    client = api(owner)
    first = trash(client, child)

    second = trash(client, root)

    assert client.get(second).json()["tasks_count"] == 1
    assert [task["id"] for task in client.get(first).json()["tasks"]] == [child.pk, grandchild.pk]
    assert restore(client, first)["effects"] == {"detached": True}
    assert Task.objects.get(pk=child.pk).parent_id is None
    restore(client, second)
    assert_counted()


@pytest.mark.parametrize("seed", range(4))
def test_tr5_a_random_tree_comes_back_as_it_was(api, owner, project, seed):
    random = Random(seed)
    tasks = random_tree(project, random)
    client = api(owner)
    for task in random.sample(tasks[1:], 4):
        client.post(url(task, "archive"))
        client.patch(url(random.choice(tasks), "status"), {"status": "done"})
    # Under an archived parent it would come back as a root (TR9)
    root = random.choice([task for task in tasks[:4] if not Task.objects.filter(children=task, archived_at__gt=EVER)])
    before, shown = tree_of(tasks), client.get(url(root, "tree")).json()["results"]

    entry = trash(client, root)
    assert_counted()
    restored = restore(client, entry)

    assert tree_of(tasks) == before
    assert "effects" not in restored
    volatile = {"version", "updated_at"}
    again = client.get(url(root, "tree")).json()["results"]
    assert [{n: v for n, v in task.items() if n not in volatile} for task in again] == [
        {n: v for n, v in task.items() if n not in volatile} for task in shown
    ]
    assert [task["version"] for task in again] == [task["version"] + 2 for task in shown]
    assert_counted()


def test_tr9_the_root_comes_back_as_a_root_where_its_parent_is_in_the_trash_purged_or_archived(api, owner, project):
    for act in ("trash", "purge", "archive"):
        root, child, grandchild = chain(project, 3)
        client = api(owner)
        entry = trash(client, child)
        if act == "archive":
            client.post(url(root, "archive"))
        else:
            of_parent = trash(client, root)
        if act == "purge":
            client.delete(of_parent)

        restored = restore(client, entry)

        assert restored["effects"] == {"detached": True}, act
        assert restored["task"]["parent"] is None
        assert Task.objects.get(pk=grandchild.pk).parent_id == child.pk
        [(_, _, changes)] = [event for event in events_of(_batch(child)) if event[1] == child.key]
        assert changes["parent"] == {"from": {"id": root.pk, "key": root.key}, "to": None}
        assert_counted()


def _batch(task):
    return task.project.activities.filter(task_id=task.pk, type="task.restored").latest("seq").batch_id


def test_tr9_the_root_comes_back_as_a_root_where_it_would_be_too_deep(api, owner, project):
    place = chain(project, 4)
    root, child, _ = chain(project, 3)
    client = api(owner)
    entry = trash(client, child)
    assert client.patch(url(root), {"parent": place[-1].pk}).status_code == 200

    assert restore(client, entry)["effects"] == {"detached": True}
    assert_counted()


def test_tr9_the_root_comes_back_as_a_root_where_its_parent_is_full(api, owner, project, monkeypatch):
    root, child = chain(project, 2)
    client = api(owner)
    entry = trash(client, child)
    monkeypatch.setattr(placing, "MAX_CHILDREN", 1)
    client.post("/api/tasks/", {"title": "x", "parent": root.pk})

    assert restore(client, entry)["effects"] == {"detached": True}
    assert_counted()


def test_tr11_children_in_other_entries_become_roots_when_their_parent_is_purged(api, owner, project):
    root, child, grandchild = chain(project, 3)
    client = api(owner)
    kept = trash(client, grandchild)
    client.delete(trash(client, root))

    assert not Task.objects.filter(pk__in=[root.pk, child.pk]).exists()
    assert Task.objects.get(pk=grandchild.pk).parent_id is None
    assert restore(client, kept)["effects"] == {"detached": True}


def test_tr12_without_a_trash_the_whole_tree_goes_at_once(api, owner, project, settings):
    settings.TRASH_DAYS = 0
    root, child, _ = chain(project, 3)

    response = api(owner).delete(url(child))

    assert "Location" not in response
    assert set(Task.objects.all()) == {root}
    assert not TrashEntry.objects.exists()
    assert_counted()


def test_the_right_to_delete_is_judged_on_the_root_alone(api, member, owner, project):
    root = TaskFactory(project=project, created_by=member)
    TaskFactory(project=project, parent=root, created_by=owner)
    client = api(member)

    entry = trash(client, root)

    assert restore(client, entry)["task"]["subtasks"] == {"total": 1, "done": 0}
