"""Batches in the background (contract BU6, BU9, BU12, property 9)."""

from __future__ import annotations

import pytest

from apps.batches.models import Action, Batch, BatchItem
from apps.common.tests.crash import dies_at
from apps.notifications.tests.assertions import kinds_sent_to
from apps.projects.models import Activity, Project
from apps.tasks.bulk import background
from apps.tasks.bulk.orders import Order
from apps.tasks.bulk.serializers import BatchItemSerializer
from apps.tasks.models import Task
from apps.tasks.relations.services import create_relation
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _small_parts(settings):
    settings.BULK_INLINE = 2


@pytest.fixture
def tasks(project, owner):
    return [TaskFactory(project=project, created_by=owner, title=f"Task {number}") for number in range(5)]


def start(owner, tasks, *, dry_run=False, **order):
    made = Order(**({"action": Action.UPDATE, "changes": {"priority": "high"}} | order))
    return background.start_changes(actor=owner, ids=[task.pk for task in tasks], order=made, dry_run=dry_run)


def test_bu6_a_worker_does_all_parts_and_keeps_results_and_progress(owner, tasks):
    batch = start(owner, tasks, versions={tasks[3].pk: 9})
    assert (batch.state, batch.counts["changed"]) == ("pending", 0)

    assert background.run_due() is False

    batch.refresh_from_db()
    assert (batch.state, batch.cursor, batch.total) == ("done", 5, 5)
    assert batch.counts == {"changed": 4, "unchanged": 0, "failed": 1, "conflict": 0}
    items = BatchItem.objects.filter(batch=batch).order_by("position")
    assert [item.task_id for item in items] == [task.pk for task in tasks]
    assert [item.position for item in items] == [0, 1, 2, 3, 4]
    assert set(Activity.objects.values_list("batch_id", "origin")) == {(batch.pk, "job")}
    assert Task.objects.filter(priority="high").count() == 4


def test_bu6_a_dry_run_rolls_each_part_back_and_keeps_the_results(owner, tasks):
    batch = start(owner, tasks, dry_run=True)

    background.run_due()

    batch.refresh_from_db()
    assert (batch.state, batch.counts["changed"]) == ("done", 5)
    assert BatchItem.objects.filter(batch=batch, result="changed").count() == 5
    assert not Task.objects.filter(priority="high").exists()
    assert not Activity.objects.exists()


@pytest.mark.parametrize(
    ("action", "changes", "rules"),
    [
        (Action.DELETE, {}, {}),
        (Action.ARCHIVE, {}, {}),
        (Action.UPDATE, {"status": "done", "priority": "high"}, {"on_parent_done": "complete"}),
        (Action.COMPLETE, {"on_subtasks": "reject"}, {}),
        (Action.COMPLETE, {}, {"blocked_done": "reject"}),
    ],
)
def test_bu4_a_dry_run_judges_a_tree_over_several_parts_as_the_run_does(owner, project, tasks, action, changes, rules):
    root, child, other, grandchild, blocked = tasks
    Task.objects.filter(pk=child.pk).update(parent=root)
    Task.objects.filter(pk=grandchild.pk).update(parent=child)
    Project.objects.filter(pk=project.pk).update(**rules)
    create_relation(actor=owner, task=other, kind="blocks", other=blocked.pk)
    answers = []

    for is_dry in (True, False):
        order = [grandchild, child, other, root, blocked] if "on_subtasks" in changes else tasks
        batch = start(owner, order, dry_run=is_dry, action=action, changes=changes)
        background.run_due()
        answers.append(BatchItemSerializer(BatchItem.objects.filter(batch=batch).order_by("position"), many=True).data)

    assert answers[0] == answers[1]
    assert {item["result"] for item in answers[1]} >= {"changed"}


def test_bu12_people_are_notified_once_when_it_is_done(owner, member, tasks):
    start(owner, tasks, changes={"assigned_to": member.pk})

    background.run_due(seconds=0)
    assert kinds_sent_to(member) == []
    while background.run_due():
        pass

    assert kinds_sent_to(member) == ["tasks_changed"]


def test_bu6_rights_are_judged_when_a_tasks_turn_comes(api, owner, member, project, tasks):
    batch = start(member, tasks)
    api(owner).patch(f"/api/projects/{project.pk}/members/{member.pk}/", {"role": "viewer"})

    background.run_due()

    batch.refresh_from_db()
    assert batch.counts == {"changed": 0, "unchanged": 0, "failed": 5, "conflict": 0}


def test_a_part_that_always_breaks_ends_as_failed_with_what_was_done(owner, tasks, monkeypatch):
    batch = start(owner, tasks)
    background.run_due(seconds=0)

    def fail(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr(background, "give_turns", fail)
    for _ in range(background.MAX_ATTEMPTS + 1):
        Batch.objects.update(next_attempt_at="2026-01-01T00:00:00Z")
        background.run_due()

    batch.refresh_from_db()
    assert (batch.state, batch.cursor, batch.counts["changed"]) == ("failed", 2, 2)
    assert Task.objects.filter(priority="high").count() == 2


def test_bu9_more_than_a_request_takes_is_undone_by_a_worker(api, owner, tasks):
    client, batch = api(owner), start(owner, tasks)
    background.run_due()

    response = client.post(f"/api/batches/{batch.pk}/undo/", {})
    again = client.post(f"/api/batches/{batch.pk}/undo/", {})
    background.run_due()

    assert response.status_code == 202
    undo = client.get(response["Location"]).json()
    assert (undo["state"], undo["action"], undo["counts"]["changed"]) == ("done", "undo", 5)
    assert again.json()["reason"] == "already_undone"
    assert not Task.objects.filter(priority="high").exists()


def test_bu9_an_undo_that_changed_nothing_leaves_the_batch_to_be_undone(api, owner, tasks):
    client, batch = api(owner), start(owner, tasks)
    background.run_due()
    Task.objects.update(priority="low")

    client.post(f"/api/batches/{batch.pk}/undo/", {})
    background.run_due()

    batch.refresh_from_db()
    assert batch.undone_by is None


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("point", ["batch.part_written", "batch.part_committed"])
def test_property_9_a_batch_whose_worker_is_killed_changes_every_task_exactly_once(owner, tasks, point):
    batch = start(owner, tasks)

    assert dies_at(point, background.run_due)
    background.run_due()

    batch.refresh_from_db()
    assert (batch.state, batch.counts["changed"]) == ("done", 5)
    assert list(Task.objects.values_list("version", flat=True)) == [2] * 5
    assert Activity.objects.filter(batch_id=batch.pk).count() == 5


def test_bu5_a_filter_takes_its_tasks_once_by_ascending_id(api, owner, tasks, settings):
    settings.BULK_INLINE = 200
    body = {"filter": 'title ~ "Task" and status = todo', "action": "update", "changes": {"status": "done"}}

    answer = api(owner).post("/api/tasks/bulk/", body).json()

    assert [item["id"] for item in answer["results"]] == [task.pk for task in tasks]
    assert answer["counts"]["changed"] == 5


def test_bu6_a_filter_with_more_hits_is_a_batch_in_the_background(api, owner, tasks):
    body = {"filter": "status = todo", "action": "archive", "mode": "best_effort"}
    client = api(owner)

    response = client.post("/api/tasks/bulk/", body, headers={"Idempotency-Key": "one"})
    again = client.post("/api/tasks/bulk/", body, headers={"Idempotency-Key": "one"})
    background.run_due()

    assert (response.status_code, response.json()["state"]) == (202, "pending")
    assert again.json()["id"] == response.json()["id"]  # BU14
    assert client.get(response["Location"]).json()["counts"]["changed"] == 5


@pytest.mark.parametrize(
    ("body", "status", "pointer", "code"),
    [
        ({"filter": "status = todo"}, 400, "/mode", "atomic_too_large"),
        ({"filter": "status = todo", "mode": "best_effort"}, 400, "/filter", "too_many_tasks"),
        ({"filter": "colour = red"}, 400, "/filter", "unknown_field"),
        ({"filter": "due < today", "tz": "Mars/Olympus"}, 400, "/tz", "invalid"),
        ({"filter": 5}, 400, "/filter", "invalid"),
        ({"filter": "status = todo", "ids": [1]}, 400, "", "exactly_one"),
        ({}, 400, "", "exactly_one"),
        ({"filter": "status = todo", "versions": {"1": 1}}, 400, "/versions", "invalid"),
    ],
)
def test_bu6_what_a_filter_cannot_be(api, owner, tasks, settings, body, status, pointer, code):
    settings.BULK_MAX = 4 if code == "too_many_tasks" else 5

    response = api(owner).post("/api/tasks/bulk/", {"action": "archive"} | body)

    assert response.status_code == status
    assert (pointer, code) in [(each["pointer"], each["code"]) for each in response.json()["errors"]]
    assert not Batch.objects.exists()


def test_a_filter_without_hits_is_an_empty_result(api, owner, tasks):
    response = api(owner).post("/api/tasks/bulk/", {"filter": "status = done", "action": "archive"})

    assert (response.status_code, response.json()["results"], response.json()["batch_id"]) == (200, [], None)


def test_fi9_a_filter_finds_no_task_of_others(api, owner, tasks):
    TaskFactory(title="Task of somebody else")

    answer = api(owner).post("/api/tasks/bulk/", {"filter": "title ~ Task", "action": "archive", "mode": "best_effort"})

    assert answer.json()["total"] == 5
