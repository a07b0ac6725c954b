"""Reading what is below a task: lists, trees, figures and filters (contract ST2, ST12)."""

from __future__ import annotations

from random import Random

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.projects.models import Project
from apps.tasks.models import Task
from apps.tasks.subtasks import tree_view
from apps.tasks.subtasks.tests.tree_helpers import chain, random_tree, url
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db


def ids(response):
    assert response.status_code == 200, response.content
    return [task["id"] for task in response.json()["results"]]


def walk(client, task, depth=0):
    """Yield (id, depth) by asking for the children of each task, archived or not."""
    yield task.pk, depth
    children = {}
    for archived in ("false", "true"):
        for child in client.get(f"{url(task, 'subtasks')}?archived={archived}").json()["results"]:
            children[child["rank"]] = child["id"]
    for _, child in sorted(children.items()):
        yield from walk(client, Task(pk=child), depth + 1)


@pytest.mark.parametrize("seed", range(3))
def test_st12_a_tree_is_what_walking_the_sub_tasks_finds(api, owner, project, seed):
    random = Random(seed)
    tasks = random_tree(project, random)
    client = api(owner)
    for task in random.sample(tasks[1:], 3):
        client.post(url(task, "archive"))
    client.delete(url(tasks[random.randrange(1, len(tasks))]))
    shown = client.get(url(tasks[0], "tree")).json()

    assert [(task["id"], task["depth"]) for task in shown["results"]] == list(walk(client, tasks[0]))
    assert shown["truncated"] is False


def test_st12_siblings_stand_in_their_manual_order(api, owner, project):
    Project.objects.filter(pk=project.pk).update(new_tasks="first")
    client = api(owner)
    root = Task(pk=client.post("/api/tasks/", {"title": "root", "project": project.pk}).json()["id"])
    made = [client.post("/api/tasks/", {"title": "x", "parent": root.pk}).json()["id"] for _ in range(3)]

    assert ids(client.get(url(root, "tree")))[1:] == made[::-1]
    assert ids(client.get(url(root, "subtasks"))) == made[::-1]


def test_st12_a_task_in_a_tree_is_shown_as_in_a_list_with_its_depth(api, owner, project):
    root, child = chain(project, 2)
    client = api(owner)

    [_, shown] = client.get(url(root, "tree")).json()["results"]

    assert shown.pop("depth") == 1
    assert [shown] == client.get(url(root, "subtasks")).json()["results"]
    assert shown["parent"] == {"id": root.pk, "key": root.key, "title": root.title, "status": "todo"}
    assert shown["id"] == child.pk


def test_st12_a_large_tree_is_cut_and_says_so(api, owner, project, monkeypatch):
    monkeypatch.setattr(tree_view, "SHOWN", 4)
    tasks = chain(project, 4)
    client = api(owner)
    whole = client.get(url(tasks[0], "tree"))
    TaskFactory(project=project, parent=tasks[0])

    cut = client.get(url(tasks[0], "tree"))

    assert (len(ids(whole)), whole.json()["truncated"]) == (4, False)
    assert (len(ids(cut)), cut.json()["truncated"]) == (4, True)


def test_st12_a_tree_takes_no_parameters_and_a_fixed_number_of_statements(api, owner, project):
    tasks = random_tree(project, Random(1))
    client = api(owner)
    client.get(url(tasks[0], "tree"))

    with CaptureQueriesContext(connection) as of_many:
        client.get(url(tasks[0], "tree"))
    with CaptureQueriesContext(connection) as of_one:
        client.get(url(tasks[-1], "tree"))

    assert len(of_many) == len(of_one)
    assert client.get(f"{url(tasks[0], 'tree')}?page_size=1").json()["errors"][0]["code"] == "unknown_parameter"


def test_the_children_take_the_filters_and_orders_of_the_list(api, owner, project):
    root, done = TaskFactory(project=project), None
    done = TaskFactory(project=project, parent=root, status="done", title="a")
    todo = TaskFactory(project=project, parent=root, title="b")
    client, path = api(owner), url(root, "subtasks")

    assert ids(client.get(path)) == [done.pk, todo.pk]
    assert ids(client.get(f"{path}?ordering=-title")) == [todo.pk, done.pk]
    assert ids(client.get(f"{path}?status=done")) == [done.pk]
    first = client.get(f"{path}?page_size=1&count=true").json()
    assert (first["count"], [task["id"] for task in first["results"]]) == (2, [done.pk])
    assert [task["id"] for task in client.get(first["next"]).json()["results"]] == [todo.pk]
    assert client.get(f"{path}?ordering=size").status_code == 400
    assert client.get(f"{path}?colour=red").status_code == 400


def test_trees_of_others_do_not_exist(api, outsider, project):
    root, _ = chain(project, 2)

    for path in (url(root, "subtasks"), url(root, "tree")):
        assert api(outsider).get(path).status_code == 404
        assert api().get(path).status_code == 401


def test_h6_a_tree_in_the_trash_says_where_it_is(api, owner, project):
    root, _ = chain(project, 2)
    client = api(owner)
    client.delete(url(root))

    for path in (url(root, "subtasks"), url(root, "tree")):
        assert client.get(path).json()["code"] == "in_trash"


def test_a_tree_in_an_archived_project_is_readable(api, owner, project):
    root, child = chain(project, 2)
    Project.objects.filter(pk=project.pk).update(archived_at=timezone.now())
    client = api(owner)

    assert ids(client.get(url(root, "tree"))) == [root.pk, child.pk]
    assert ids(client.get(url(root, "subtasks"))) == [child.pk]
    assert ids(client.get(f"/api/tasks/?parent={root.pk}")) == [child.pk]


def test_the_list_is_narrowed_by_parent_and_subtree(api, owner, outsider, project):
    root, child, grandchild = chain(project, 3)
    foreign, _ = chain(TaskFactory(project__owner=outsider).project, 2)
    client = api(owner)

    def found(query):
        return set(ids(client.get(f"/api/tasks/?{query}")))

    assert found(f"parent={root.pk}") == {child.pk}
    assert found("parent=none") == {root.pk}
    assert found(f"subtree_of={root.pk}") == {child.pk, grandchild.pk}
    assert found(f"subtree_of={grandchild.pk}") == set()
    assert found(f"subtree_of={root.pk}&status=done") == set()
    assert found(f"parent={foreign.pk}") == found(f"subtree_of={foreign.pk}") == found("subtree_of=999999") == set()
    assert client.get(f"/api/tasks/statistics/?subtree_of={root.pk}").json()["total"] == 2


@pytest.mark.parametrize("query", ["parent=x", "parent=1.5", "parent=-1", "subtree_of=none", f"subtree_of={2**63}"])
def test_what_is_no_id_is_a_400(api, owner, query):
    assert api(owner).get(f"/api/tasks/?{query}").status_code == 400


def test_rollup_adds_up_what_is_neither_archived_nor_in_the_trash(api, owner, project):
    root = TaskFactory(project=project, duration=10)
    child = TaskFactory(project=project, parent=root, duration=20, status="done")
    TaskFactory(project=project, parent=child)
    for act in ("archive", "delete"):
        out = TaskFactory(project=project, parent=root, duration=1_000)
        (api(owner).delete(url(out)) if act == "delete" else api(owner).post(url(out, "archive")))
    client = api(owner)

    shown = client.get(f"{url(root)}?include=rollup").json()["rollup"]

    assert shown == {"total": 2, "done": 1, "duration": 30}
    lone = TaskFactory(project=project)
    assert client.get(f"{url(lone)}?include=rollup").json()["rollup"] == {"total": 0, "done": 0, "duration": None}
    assert "rollup" not in client.get(url(root)).json()
    assert client.get(f"{url(root)}?include=sum").status_code == 400


def test_h1_the_rollup_is_part_of_the_etag(api, owner, project):
    root, child = chain(project, 2)
    client = api(owner)
    before = client.get(f"{url(root)}?include=rollup")["ETag"]

    client.patch(url(child), {"duration": 5})

    after = client.get(f"{url(root)}?include=rollup", headers={"If-None-Match": before})
    assert after.status_code == 200
    assert before != after["ETag"] != client.get(url(root))["ETag"]


def test_st12_subtasks_are_narrowed_by_labels_like_the_list(api, member, project, task):
    client = api(member)
    label = client.post(f"/api/projects/{project.pk}/labels/", {"name": "bug"}).json()["id"]
    body = {"project": project.pk, "parent": task.pk}
    labelled = client.post("/api/tasks/", body | {"title": "One", "labels": [label]}).json()["id"]
    client.post("/api/tasks/", body | {"title": "Two"})

    for asked in (label, "name:bug"):
        found = client.get(f"/api/tasks/{task.pk}/subtasks/?label_any={asked}").json()["results"]
        assert [each["id"] for each in found] == [labelled]
