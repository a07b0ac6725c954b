"""`move/` with a parent: place and parent change in one act (contract RK3, RK4, RK9, ST3, ST4, ST8)."""

from __future__ import annotations

import pytest

from apps.projects.models import Activity
from apps.tasks.models import Task
from apps.tasks.subtasks.tests.tree_helpers import assert_counted, chain, url
from apps.tasks.tests.assertions import snapshot
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db


def test_rk4_place_and_parent_change_in_one_act(api, member, project):
    root, child = chain(project, 2)
    task = TaskFactory(project=project)

    response = api(member).post(url(task, "move"), {"before": child.pk, "parent": root.pk})

    shown = response.json()
    assert (response.status_code, shown["version"], shown["parent"]["id"]) == (200, 2, root.pk)
    assert [each["id"] for each in api(member).get(url(root, "subtasks")).json()["results"]] == [task.pk, child.pk]
    assert [event.type for event in Activity.objects.filter(task_id=task.pk)] == ["task.updated"]
    assert_counted()


def test_rk3_an_anchor_that_is_no_child_of_the_named_parent_has_moved(api, member, project):
    root, _ = chain(project, 2)
    task, anchor = TaskFactory(project=project), TaskFactory(project=project)
    before = snapshot()

    response = api(member).post(url(task, "move"), {"after": anchor.pk, "parent": root.pk})

    assert (response.status_code, response.json()["code"]) == (409, "anchor_moved")
    assert response.json()["anchor"]["parent"] is None
    assert snapshot() == before


@pytest.mark.django_db(transaction=True)
def test_rk9_the_rules_of_trees_hold(api, member, project):
    root, child, _ = chain(project, 3)
    deep = chain(project, 6)[-1]
    client, before = api(member), snapshot()

    for body, code in [
        ({"position": "last", "parent": child.pk}, "cycle"),
        ({"position": "last", "parent": deep.pk}, "too_deep"),
        ({"position": "first", "status": "done", "on_subtasks": "reject"}, "open_subtasks"),
    ]:
        assert client.post(url(root, "move"), body).json()["code"] == code
    assert snapshot() == before


def test_st8_closing_by_a_move_closes_what_is_below(api, member, project):
    root, child = chain(project, 2)

    response = api(member).post(url(root, "move"), {"position": "first", "status": "done", "on_subtasks": "complete"})

    assert response.json()["effects"]["subtasks_changed"] == 1
    assert Task.objects.get(pk=child.pk).status == "done"


def test_a_child_becomes_a_root_by_a_move(api, member, project):
    root, child = chain(project, 2)

    shown = api(member).post(url(child, "move"), {"before": root.pk, "parent": None}).json()

    assert shown["parent"] is None
    assert_counted()
