"""No circle of "is finished before": blocks and parents are edges of one graph (contract DE5)."""

from __future__ import annotations

from itertools import pairwise

import pytest

from apps.projects.tests.factories import ProjectFactory
from apps.tasks import graph
from apps.tasks.models import Relation, Task
from apps.tasks.relations.tests.relation_helpers import archive, finish, relate, url
from apps.tasks.services import delete_task
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def chain(owner):
    """Return four tasks of four projects, each of which blocks the next."""
    tasks = [TaskFactory(project=ProjectFactory(owner=owner, key=key)) for key in ("AA", "BB", "CC", "DD")]
    for blocker, blocked in pairwise(tasks):
        relate(blocker, "blocks", blocked, actor=owner)
    return tasks


def test_de5_a_block_that_closes_a_circle_is_rejected_with_its_path(api, owner, chain):
    first, *_, last = chain

    for end, kind, other in ((last, "blocks", first), (first, "blocked_by", last)):
        response = api(owner).post(url(end), {"kind": kind, "task": other.pk})

        assert (response.status_code, response.json()["code"]) == (409, "cycle")
        assert response.json()["path"] == ["DD-1", "AA-1", "BB-1", "CC-1", "DD-1"]
    assert Relation.objects.count() == 3


def test_de5_two_tasks_cannot_block_each_other(api, owner, chain):
    response = api(owner).post(url(chain[1]), {"kind": "blocks", "task": chain[0].pk})

    assert response.json()["path"] == ["BB-1", "AA-1", "BB-1"]


def test_de5_each_step_of_the_path_is_a_true_edge_and_it_is_a_shortest_one(api, owner, chain, project):
    other = TaskFactory(project=project)
    relate(chain[0], "blocks", other)
    relate(other, "blocks", chain[3], actor=owner)

    path = api(owner).post(url(chain[3]), {"kind": "blocks", "task": chain[0].pk}).json()["path"]

    assert path == ["DD-1", "AA-1", other.key, "DD-1"]


def test_de5_tasks_that_the_caller_cannot_see_are_null_in_the_path(api, owner, member, task, second, far):
    relate(task, "blocks", far, actor=owner)
    relate(far, "blocks", second, actor=owner)

    response = api(member).post(url(second), {"kind": "blocks", "task": task.pk})

    assert response.json()["path"] == [second.key, task.key, None, second.key]


def test_de5_archived_done_and_trashed_tasks_count(api, owner, chain):
    archive(chain[1])
    finish(chain[1])
    delete_task(actor=owner, task=chain[2])

    response = api(owner).post(url(chain[3]), {"kind": "blocks", "task": chain[0].pk})

    assert response.json()["path"] == ["DD-1", "AA-1", "BB-1", None, "DD-1"]


def test_de5_archived_and_trashed_projects_count(api, owner, chain):
    from apps.projects.services import delete_project

    archive(chain[1].project)
    delete_project(actor=owner, project_id=chain[2].project_id)

    response = api(owner).post(url(chain[3]), {"kind": "blocks", "task": chain[0].pk})

    assert (response.status_code, response.json()["code"]) == (409, "cycle")


def test_de5_parents_and_blocks_close_circles_together(api, owner, task, second):
    child = TaskFactory(project=task.project, parent=task)
    relate(task, "blocks", second)

    response = api(owner).post(url(second), {"kind": "blocks", "task": child.pk})

    assert response.json()["path"] == [second.key, child.key, task.key, second.key]
    assert api(owner).post(url(child), {"kind": "blocks", "task": second.pk}).status_code == 201


def test_de5_a_child_does_not_wait_for_its_parent(api, owner, task):
    child = TaskFactory(project=task.project, parent=task)

    response = api(owner).post(url(task), {"kind": "blocks", "task": child.pk})
    assert response.json()["path"] == [task.key, child.key, task.key]
    assert api(owner).post(url(child), {"kind": "blocks", "task": task.pk}).status_code == 201


def test_other_kinds_make_no_edges(api, owner, chain):
    for kind in ("relates", "duplicates"):
        assert api(owner).post(url(chain[3]), {"kind": kind, "task": chain[0].pk}).status_code == 201
    assert api(owner).post(url(chain[0]), {"kind": "blocks", "task": chain[3].pk}).status_code == 201


def test_de5_a_removed_block_is_no_edge_any_more(api, owner, chain):
    Relation.objects.filter(from_task=chain[1]).delete()

    assert api(owner).post(url(chain[3]), {"kind": "blocks", "task": chain[0].pk}).status_code == 201


def test_de5_the_check_visits_so_many_tasks_and_no_more(api, owner, chain, task, monkeypatch):
    monkeypatch.setattr(graph, "MAX_VISITED", 3)
    monkeypatch.setattr(graph, "REACHED", graph.REACHED.replace("LIMIT 10001", "LIMIT 4"))

    assert api(owner).post(url(task), {"kind": "blocks", "task": chain[1].pk}).status_code == 201
    response = api(owner).post(url(task), {"kind": "blocks", "task": chain[0].pk})

    assert (response.status_code, response.json()["code"], response.json()["limit"]) == (409, "graph_too_large", 3)
    assert Task.objects.get(pk=task.pk).version == 1
