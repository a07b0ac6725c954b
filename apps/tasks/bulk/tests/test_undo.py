"""POST /api/batches/{id}/undo/ (contract BU8 to BU11)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.batches.models import Batch
from apps.common.tests.races import at_once
from apps.projects.models import Activity, TrashEntry
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.models import Task
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db
BULK = "/api/tasks/bulk/"


@pytest.fixture
def tasks(project, owner):
    return [TaskFactory(project=project, created_by=owner, title=f"Task {number}") for number in range(3)]


@pytest.fixture
def client(api, owner):
    return api(owner)


def change(client, tasks, action="update", **body):
    response = client.post(BULK, {"ids": [task.pk for task in tasks], "action": action, **body})
    assert response.status_code == 200, response.content
    return response["X-Batch-ID"]


def test_m_the_results_of_a_batch_are_walked_forth_and_back(client, tasks):
    url = f"/api/batches/{change(client, tasks, changes={'priority': 'high'})}/results/?page_size=1"
    pages = [client.get(url).json()]
    while pages[-1]["next"]:
        pages.append(client.get(pages[-1]["next"]).json())

    assert [[item["id"] for item in page["results"]] for page in pages] == [[task.pk] for task in tasks]
    assert client.get(pages[-1]["previous"]).json()["results"] == pages[1]["results"]


def undo(client, batch, **body):
    return client.post(f"/api/batches/{batch}/undo/", body)


def state():
    left = ("version", "updated_at", "rank")
    names = [field.attname for field in Task._meta.local_concrete_fields if field.attname not in left]
    return list(Task.objects.order_by("pk").values(*names))


@pytest.mark.parametrize(
    ("action", "changes"),
    [
        ("update", {"priority": "high", "title": "New", "due_date": "2027-01-02T03:04:05Z", "duration": 5}),
        ("update", {"metadata": {"a": [1]}, "description": "Text"}),
        ("update", {"status": "done"}),
        ("complete", {}),
        ("archive", {}),
        ("delete", {}),
    ],
)
def test_bu9_undo_restores_the_state_before_the_batch(client, tasks, action, changes):
    before = state()
    batch = change(client, tasks, action, changes=changes)

    response = undo(client, batch)

    answer = response.json()
    assert answer["counts"] == {"changed": 3, "unchanged": 0, "failed": 0, "conflict": 0}
    assert state() == before
    assert not TrashEntry.objects.exists()
    kept = Batch.objects.get(pk=batch)
    assert str(kept.undone_by_id) == answer["batch_id"] == response["X-Batch-ID"]


def test_bu9_undoing_a_move_brings_back_project_number_key_and_rank(client, owner, project, tasks):
    target, before = ProjectFactory(owner=owner), state()
    ranks = list(Task.objects.order_by("pk").values_list("rank", flat=True))
    batch = change(client, tasks, "move", changes={"project": target.pk})

    answer = undo(client, batch).json()

    assert [item["key"] for item in answer["results"]] == [task.key for task in reversed(tasks)]
    assert state() == before
    assert list(Task.objects.order_by("pk").values_list("rank", flat=True)) == ranks
    for each in (project, target):
        each.refresh_from_db()
    assert (project.tasks_count, project.open_tasks_count, project.last_task_number) == (3, 3, 3)
    assert (target.tasks_count, target.open_tasks_count) == (0, 0)


def test_bu9_undoing_a_reopening_brings_back_when_it_was_completed(client, tasks):
    change(client, tasks, "complete")
    before = state()
    batch = change(client, tasks, changes={"status": "todo"})

    undo(client, batch)

    assert state() == before


@pytest.mark.parametrize("act", ["archive", "complete", "delete", "move"])
def test_bu9_undoing_an_act_on_a_tree_brings_back_the_tree(client, owner, project, tasks, act):
    root, child, grandchild = tasks
    other = ProjectFactory(owner=owner)
    for task, parent in ((child, root), (grandchild, child)):
        assert client.patch(f"/api/tasks/{task.pk}/", {"parent": parent.pk}).status_code == 200
    before = state()
    path = f"/api/tasks/{root.pk}/"
    response = {
        "archive": lambda: client.post(f"{path}archive/"),
        "complete": lambda: client.patch(path, {"status": "done", "on_subtasks": "complete"}),
        "delete": lambda: client.delete(path),
        "move": lambda: client.patch(path, {"project": other.pk}),
    }[act]()

    answer = undo(client, response["X-Batch-ID"]).json()

    assert answer["counts"] == {"changed": 3, "unchanged": 0, "failed": 0, "conflict": 0}
    assert state() == before


def test_bu9_undoing_single_acts(client, owner, tasks):
    task = tasks[0]
    before = state()
    archived = client.post(f"/api/tasks/{task.pk}/archive/")["X-Batch-ID"]
    assert undo(client, archived).json()["counts"]["changed"] == 1
    deleted = client.delete(f"/api/tasks/{task.pk}/")["X-Batch-ID"]
    assert undo(client, deleted).json()["counts"]["changed"] == 1
    assert state() == before


def test_bu9_a_field_changed_since_is_left_and_reported_and_the_others_return(client, tasks):
    batch = change(client, tasks, changes={"priority": "high", "title": "New"})
    client.patch(f"/api/tasks/{tasks[1].pk}/", {"title": "Mine"})

    answer = undo(client, batch).json()

    results = {item["id"]: item["result"] for item in answer["results"]}
    assert [results[task.pk] for task in tasks] == ["changed", "conflict", "changed"]
    assert list(Task.objects.order_by("pk").values_list("title", "priority")) == [
        ("Task 0", "medium"),
        ("Mine", "medium"),
        ("Task 2", "medium"),
    ]


def test_bu9_labels_return_but_those_that_were_deleted(client, project, tasks):
    kept, deleted, added = (
        client.post(f"/api/projects/{project.pk}/labels/", {"name": name}).json()["id"] for name in ("a", "b", "c")
    )
    change(client, tasks, changes={"labels": [kept, deleted]})
    batch = change(client, tasks, changes={"labels_add": [added], "labels_remove": [kept]})
    assert client.delete(f"/api/projects/{project.pk}/labels/{deleted}/").status_code == 204

    answer = undo(client, batch).json()
    assert answer["counts"]["changed"] == 3, answer

    shown = client.get(f"/api/tasks/{tasks[0].pk}/").json()["labels"]
    assert [label["id"] for label in shown] == [kept]


def test_bu9_created_tasks_go_to_the_trash_unless_they_changed_since(client, project):
    bodies = [{"title": title, "project": project.pk} for title in ("One", "Two", "Three")]
    batch = client.post("/api/tasks/bulk-create/", {"tasks": bodies})["X-Batch-ID"]
    one, two, three = Task.objects.order_by("number")
    client.patch(f"/api/tasks/{two.pk}/", {"title": "Changed"})
    client.post(f"/api/tasks/{three.pk}/comments/", {"body": "Wait"})

    answer = undo(client, batch).json()

    assert {item["id"]: item["result"] for item in answer["results"]} == {
        one.pk: "changed",
        two.pk: "conflict",
        three.pk: "conflict",
    }
    assert set(Task.objects.filter(trash=None)) == {two, three}


def test_bu9_lost_rights_make_a_task_fail(api, owner, member, project, tasks):
    batch = change(api(member), tasks, changes={"priority": "high"})
    api(owner).patch(f"/api/projects/{project.pk}/members/{member.pk}/", {"role": "viewer"})

    answer = undo(api(member), batch).json()

    assert answer["counts"] == {"changed": 0, "unchanged": 0, "failed": 3, "conflict": 0}
    assert {item["error"]["code"] for item in answer["results"]} == {"permission_denied"}
    assert Batch.objects.get(pk=batch).undone_by is None


def test_bu9_a_dry_run_answers_the_same_and_changes_nothing(client, tasks):
    batch = change(client, tasks, changes={"priority": "high"})
    before = state()

    dry = undo(client, batch, dry_run=True).json()

    assert state() == before
    assert dry["batch_id"] is None
    assert undo(client, batch).json()["results"] == dry["results"]


@pytest.mark.parametrize(
    ("changed", "reason"), [({"finished_at": timezone.now() - timedelta(hours=25)}, "expired"), ({}, "already_undone")]
)
def test_bu9_says_why_not(client, tasks, changed, reason):
    batch = change(client, tasks, "archive")
    if changed:
        Batch.objects.filter(pk=batch).update(**changed)
    else:
        undo(client, batch)

    response = undo(client, batch)

    assert (response.status_code, response.json()["code"], response.json()["reason"]) == (409, "not_undoable", reason)


def test_bu10_an_undo_can_be_undone(client, tasks):
    batch = change(client, tasks, changes={"priority": "high"})
    after = state()

    again = undo(client, undo(client, batch)["X-Batch-ID"])

    assert again.json()["counts"]["changed"] == 3
    assert state() == after


@pytest.mark.django_db(transaction=True)
def test_bu10_of_parallel_undos_one_wins(api, owner, tasks):
    batch = change(api(owner), tasks, changes={"priority": "high"})

    statuses = at_once(*[lambda: undo(api(owner), batch).status_code] * 4)

    assert sorted(statuses) == [200, 409, 409, 409]


def test_bu11_others_who_see_an_event_get_403_and_everybody_else_404(api, owner, member, outsider, tasks):
    batch = change(api(owner), tasks, "archive")

    for path in (f"/api/batches/{batch}/", f"/api/batches/{batch}/results/"):
        assert api(member).get(path).status_code == 403
        assert api(outsider).get(path).status_code == 404
        assert api(owner).get(path).status_code == 200
    assert undo(api(member), batch).status_code == 403
    assert undo(api(outsider), batch).status_code == 404


def test_batches_are_listed_newest_first_and_results_in_the_order_of_work(api, owner, member, project, tasks):
    client = api(owner)
    first = change(client, tasks, changes={"priority": "high"})
    second = change(client, tasks[:1], "archive")

    listed = client.get("/api/batches/").json()["results"]
    assert [batch["id"] for batch in listed] == [second, first]
    assert listed[0]["undo"]["is_possible"] is True
    page = client.get("/api/batches/?page_size=1").json()
    assert client.get(page["next"]).json()["results"][0]["id"] == first
    assert [batch["id"] for batch in client.get("/api/batches/?action=archive").json()["results"]] == [second]
    assert api(member).get("/api/batches/").json()["results"] == []
    results = client.get(f"/api/batches/{first}/results/").json()["results"]
    assert [item["id"] for item in results] == [task.pk for task in tasks]
    assert client.get(f"/api/batches/{first}/results/?result=failed").json()["results"] == []


def test_bu9_a_stranger_to_the_project_by_now_sees_no_task(api, owner, member, project):
    other = ProjectFactory(owner=owner)
    MembershipFactory(project=other, user=member, role="member")
    task = TaskFactory(project=other)
    batch = change(api(member), [task], "archive")
    api(owner).delete(f"/api/projects/{other.pk}/members/{member.pk}/")

    answer = undo(api(member), batch).json()

    assert [(item["key"], item["error"]["code"]) for item in answer["results"]] == [(None, "not_found")]
    assert Activity.objects.filter(type="task.unarchived").count() == 0


def test_the_events_of_a_batch_are_read_once(client, tasks):
    batch = change(client, tasks, changes={"priority": "high"})

    with CaptureQueriesContext(connection) as queries:
        assert undo(client, batch).status_code == 200

    reads = [query["sql"] for query in queries if 'FROM "projects_activity"' in query["sql"]]
    assert len([sql for sql in reads if '"changes"' in sql]) == 1
