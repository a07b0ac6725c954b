"""How deep and how wide a tree may be, and that it is one (contract ST3 to ST5)."""

from __future__ import annotations

from itertools import pairwise

import pytest

from apps.projects.tests.factories import ProjectFactory
from apps.tasks.models import Task
from apps.tasks.subtasks import placing
from apps.tasks.subtasks.tests.tree_helpers import chain, url
from apps.tasks.tests.assertions import snapshot
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db


def rejection(response, *names):
    body = response.json()
    return (response.status_code, body["code"], *(body[name] for name in names))


def test_st3_five_levels_below_the_root_are_allowed_and_the_sixth_is_not(api, member, project):
    tasks = chain(project, 5)
    client = api(member)

    fifth = client.post("/api/tasks/", {"title": "x", "parent": tasks[-1].pk})
    sixth = client.post("/api/tasks/", {"title": "x", "parent": fifth.json()["id"]})

    assert fifth.status_code == 201
    assert rejection(sixth, "limit") == (409, "too_deep", 5)


@pytest.mark.parametrize(("above", "below", "fits"), [(3, 3, True), (3, 4, False), (6, 1, False), (5, 1, True)])
def test_st3_the_whole_subtree_that_comes_along_counts(api, member, project, above, below, fits):
    place, moved = chain(project, above)[-1], chain(project, below)
    before = snapshot()

    response = api(member).patch(url(moved[0]), {"parent": place.pk})

    if fits:
        assert response.status_code == 200
    else:
        assert rejection(response, "limit") == (409, "too_deep", 5)
        assert snapshot() == before


def test_st3_archived_tasks_count_and_those_in_the_trash_do_not(api, owner, project):
    place, moved = chain(project, 4)[-1], chain(project, 3)
    client = api(owner)
    client.post(url(moved[2], "archive"))
    assert rejection(client.patch(url(moved[0]), {"parent": place.pk})) == (409, "too_deep")

    client.delete(url(moved[2]))

    assert client.patch(url(moved[0]), {"parent": place.pk}).status_code == 200


def test_st3_moving_a_subtree_under_a_parent_elsewhere_is_checked_there(api, owner, project):
    place = chain(ProjectFactory(owner=owner, key="MOB"), 5)[-1]
    root, _ = chain(project, 2)
    before = snapshot()

    response = api(owner).patch(url(root), {"project": place.project_id, "parent": place.pk})

    assert rejection(response, "limit") == (409, "too_deep", 5)
    assert snapshot() == before


def test_st4_a_task_under_itself_or_its_own_descendant_is_a_cycle(api, member, project):
    root, child, grandchild = chain(project, 3)
    client, before = api(member), snapshot()

    assert rejection(client.patch(url(root), {"parent": root.pk}), "path") == (409, "cycle", [root.key, root.key])
    assert rejection(client.patch(url(root), {"parent": grandchild.pk}), "path") == (
        409,
        "cycle",
        [root.key, grandchild.key, child.key, root.key],
    )
    assert snapshot() == before


def test_st4_each_step_of_the_path_is_an_edge(api, member, project):
    tasks = chain(project, 6)

    path = api(member).patch(url(tasks[1]), {"parent": tasks[5].pk}).json()["path"]

    parents = {task.key: task.parent.key for task in Task.objects.exclude(parent=None).select_related("parent")}
    parents |= {tasks[1].key: tasks[5].key}  # the new edge
    assert path[0] == path[-1] == tasks[1].key
    assert all(parents[earlier] == later for earlier, later in pairwise(path))


def test_st5_a_task_has_a_limited_number_of_children_done_and_archived_ones_included(
    api, owner, project, task, monkeypatch
):
    monkeypatch.setattr(placing, "MAX_CHILDREN", 3)
    root = TaskFactory(project=project)
    children = [TaskFactory(project=project, parent=root) for _ in range(3)]
    client = api(owner)
    client.patch(url(children[0], "status"), {"status": "done"})
    client.post(url(children[1], "archive"))
    before = snapshot()

    assert rejection(client.post("/api/tasks/", {"title": "x", "parent": root.pk}), "limit") == (
        409,
        "too_many_subtasks",
        3,
    )
    assert rejection(client.patch(url(task), {"parent": root.pk})) == (409, "too_many_subtasks")
    assert snapshot() == before

    client.delete(url(children[2]))

    assert client.patch(url(task), {"parent": root.pk}).status_code == 200


def test_st5_the_limit_is_a_thousand():
    assert placing.MAX_CHILDREN == 1_000
