"""Moving in the manual order under another parent, and the order among sub-tasks."""

from __future__ import annotations

import pytest

from apps.projects.models import Activity
from apps.projects.tests.factories import ProjectFactory
from apps.tasks.models import Task
from apps.tasks.tests.assertions import kinds_and_recipients, snapshot
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree(project):
    """Return a parent with the children a, b and c, and the root d behind them."""
    parent = TaskFactory(project=project, title="parent")
    children = [TaskFactory(project=project, title=title, parent=parent) for title in "abc"]
    return parent, *children, TaskFactory(project=project, title="d")


def children_of(client, parent):
    return "".join(row["title"] for row in client.get(f"/api/tasks/{parent.pk}/subtasks/").json()["results"])


def move(client, task, **body):
    return client.post(f"/api/tasks/{task.pk}/move/", body)


def test_rk1_the_children_of_a_parent_show_the_order_in_part(api, member, tree):
    parent, a, b, c, d = tree
    client = api(member)

    move(client, d, after=a.pk)
    assert children_of(client, parent) == "abc"
    move(client, c, position="first")
    assert children_of(client, parent) == "cab"
    move(client, a, after=b.pk)
    assert children_of(client, parent) == "cba"


def test_rk4_parent_and_place_are_one_version_one_event_and_one_notification(api, project, member, owner, tree):
    parent, a, _, _, d = tree
    Task.objects.filter(pk=d.pk).update(assigned_to=owner)
    Task.objects.filter(pk=a.pk).update(status="review")
    client = api(member)

    shown = move(client, d, after=a.pk, parent=parent.pk, status="review").json()

    assert (shown["version"], shown["status"], shown["parent"]["id"]) == (2, "review", parent.pk)
    assert children_of(client, parent) == "adbc"
    [event] = Activity.objects.filter(project=project)
    assert (event.type, event.task_id, sorted(event.changes)) == ("task.updated", d.pk, ["parent", "status"])
    assert kinds_and_recipients() == {("task_updated", "owner")}


def test_rk4_a_parent_that_it_has_already_is_a_change_of_place_alone(api, project, member, tree):
    parent, a, _, c, _ = tree

    assert move(api(member), a, after=c.pk, parent=parent.pk).json()["version"] == 1
    assert [event.type for event in Activity.objects.filter(project=project)] == ["task.reordered"]


def test_rk4_a_child_becomes_a_root_at_a_place(api, member, tree):
    parent, a, _, _, d = tree
    client = api(member)

    shown = move(client, a, after=d.pk, parent=None).json()

    assert (shown["parent"], shown["version"]) == (None, 2)
    assert children_of(client, parent) == "bc"


@pytest.mark.parametrize("wanted", ["parent", None])
def test_rk3_an_anchor_with_another_parent_has_moved(api, member, tree, wanted):
    parent, a, b, _, d = tree
    before = snapshot()
    moved, anchor = (a, d) if wanted else (d, b)

    response = move(api(member), moved, after=anchor.pk, parent=parent.pk if wanted else None)

    assert (response.status_code, response.json()["code"]) == (409, "anchor_moved")
    assert response.json()["anchor"]["parent"] == anchor.parent_id
    assert snapshot() == before


def test_rk3_an_anchor_needs_the_status_and_the_parent_of_the_body(api, member, tree):
    parent, a, _, _, d = tree

    response = move(api(member), d, before=a.pk, parent=parent.pk, status="done")

    assert (response.status_code, response.json()["code"]) == (409, "anchor_moved")
    assert response.json()["anchor"]["status"] == "todo"


def test_rk9_the_rules_of_parents_hold_and_leave_the_place_as_it_was(api, member, tree):
    parent, a, _, _, d = tree
    child_of_a = TaskFactory(project=parent.project, parent=a)
    elsewhere = TaskFactory(project=ProjectFactory(owner=member, key="ELSE"))
    Task.objects.filter(pk=d.pk).update(archived_at="2026-01-01T00:00Z")
    before = snapshot()

    for target, status, code in [
        (child_of_a, 409, "cycle"),
        (d, 409, "parent_archived"),
        (elsewhere, 400, "other_project"),
        (TaskFactory.build(pk=999_999_999), 400, "does_not_exist"),
    ]:
        response = move(api(member), parent, position="last", parent=target.pk)
        problem = response.json()
        assert response.status_code == status
        assert code in [problem["code"], *(error["code"] for error in problem.get("errors", ()))]
    assert snapshot() == before


@pytest.mark.parametrize(("option", "status", "left"), [("complete", 200, 0), ("reject", 409, 3), (None, 200, 3)])
def test_rk9_a_parent_moved_to_done_follows_on_subtasks(api, project, member, tree, option, status, left):
    parent, *_ = tree
    body = {"position": "last", "status": "done"} | ({"on_subtasks": option} if option else {})

    response = move(api(member), parent, **body)

    assert response.status_code == status
    assert Task.objects.filter(parent=parent).exclude(status="done").count() == left
    last = Task.objects.filter(project=project).order_by("-rank").first()
    assert (last == parent) == (status == 200)


@pytest.mark.parametrize(
    ("query", "found"),
    [("parent={parent}", "abc"), ("parent={parent}&project={project}", "abc"), ("parent=none&project={project}", None)],
)
def test_rk6_a_parent_is_one_order_as_well(api, project, member, tree, query, found):
    parent, *_ = tree
    url = f"/api/tasks/?ordering=rank&{query.format(parent=parent.pk, project=project.pk)}"

    rows = api(member).get(url).json()["results"]

    assert "".join(row["title"] for row in rows) == (found or "parentd")


def test_rk6_no_parent_is_no_order(api, member, tree):
    response = api(member).get("/api/tasks/?ordering=rank&parent=none")

    assert response.status_code == 400
    assert [error["code"] for error in response.json()["errors"]] == ["needs_project"]


@pytest.mark.parametrize(
    ("end", "expected"), [("last", ["there", "parent", "a", "b"]), ("first", ["parent", "a", "b", "there"])]
)
def test_rk7_a_subtree_that_moves_in_keeps_its_own_order(api, project, member, end, expected):
    target = ProjectFactory(owner=member, key="MOB", new_tasks=end)
    TaskFactory(project=target, title="there")
    parent = TaskFactory(project=project, title="parent", created_by=member)
    for title in "ba":
        TaskFactory(project=project, title=title, parent=parent)
    client = api(member)
    move(client, Task.objects.get(title="a"), before=Task.objects.get(title="b").pk)

    assert client.patch(f"/api/tasks/{parent.pk}/", {"project": target.pk}).status_code == 200

    titles = Task.objects.filter(project=target).order_by("rank").values_list("title", flat=True)
    assert list(titles) == expected
