"""POST /api/tasks/bulk/: many tasks as one by one, tried out, atomic or with best effort (contract BU1 to BU8)."""

from __future__ import annotations

import pytest

from apps.batches.models import Batch
from apps.notifications.tests.assertions import kinds_sent_to
from apps.projects.models import Activity, Project
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.models import Task
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db
URL = "/api/tasks/bulk/"


@pytest.fixture
def tasks(project, owner):
    return [TaskFactory(project=project, created_by=owner, title=f"Task {number}") for number in range(3)]


def order(tasks, action="update", **body):
    return {"ids": [task.pk for task in tasks], "action": action, **body}


def state():
    fields = ("pk", "project_id", "number", "title", "status", "priority", "assigned_to_id", "version", "trash_id")
    return list(Task.objects.order_by("pk").values_list(*fields, "archived_at"))


def without_id(item):
    return {name: value for name, value in item.items() if name != "id"}


def test_each_task_is_changed_and_the_result_says_how(api, owner, tasks):
    response = api(owner).post(URL, order(tasks, changes={"priority": "high"}))

    answer = response.json()
    assert response.status_code == 200
    assert answer["counts"] == {"changed": 3, "unchanged": 0, "failed": 0, "conflict": 0}
    assert answer["results"][0] == {
        "id": tasks[0].pk,
        "key": tasks[0].key,
        "result": "changed",
        "version": 2,
        "changes": {"priority": {"from": "medium", "to": "high"}},
        "error": None,
    }
    assert response["X-Batch-ID"] == answer["batch_id"] == str(Batch.objects.get().pk)
    assert set(Activity.objects.values_list("batch_id", flat=True)) == {Batch.objects.get().pk}


@pytest.mark.parametrize(
    ("action", "changes"),
    [("update", {"status": "done"}), ("archive", {}), ("delete", {}), ("move", "elsewhere"), ("complete", {})],
)
def test_bu1_bulk_writes_the_same_events_as_single_acts_but_for_the_batch(api, owner, project, action, changes):
    target = ProjectFactory(owner=owner)
    changes = {"project": target.pk} if changes == "elsewhere" else changes
    single, together = (TaskFactory(project=project, created_by=owner, title="Same") for _ in range(2))
    client, body = api(owner), changes | ({"status": "done"} if action == "complete" else {})
    path = f"/api/tasks/{single.pk}/"
    if action == "archive":
        client.post(f"{path}archive/")
    elif action == "delete":
        client.delete(path)
    else:
        client.patch(path, body)
    by_one = list(Activity.objects.filter(task_id=single.pk).order_by("pk").values("type", "verb", "version"))

    answer = client.post(URL, order([together], action, changes=changes)).json()

    assert answer["counts"]["changed"] == 1
    assert list(Activity.objects.filter(task_id=together.pk).order_by("pk").values("type", "verb", "version")) == by_one


def test_bu2_absent_invisible_and_trashed_tasks_fail_byte_for_byte_alike(api, member, owner, tasks):
    hidden, trashed = TaskFactory(), tasks[0]
    api(owner).delete(f"/api/tasks/{trashed.pk}/")
    ids = [hidden.pk, trashed.pk, 2**62]

    answer = api(member).post(URL, {"ids": ids, "action": "archive", "mode": "best_effort"}).json()

    error = {"code": "not_found", "detail": "Not found.", "pointer": None}
    expected = {"key": None, "result": "failed", "version": None, "changes": {}, "error": error}
    assert [without_id(item) for item in answer["results"]] == [expected] * 3
    assert [item["id"] for item in answer["results"]] == ids


def test_bu3_atomic_with_one_stale_version_changes_nothing_and_uses_no_number(api, owner, project, tasks):
    target = ProjectFactory(owner=owner)
    before = state()
    body = order(tasks, "move", changes={"project": target.pk}, versions={str(tasks[1].pk): 7})

    response = api(owner).post(URL, body)

    problem = response.json()
    assert (response.status_code, problem["code"]) == (422, "bulk_failed")
    assert [item["result"] for item in problem["results"]] == ["changed", "failed", "changed"]
    assert problem["results"][1]["error"]["code"] == "precondition_failed"
    assert problem["counts"] == {"changed": 2, "unchanged": 0, "failed": 1, "conflict": 0}
    assert state() == before
    assert Project.objects.get(pk=target.pk).last_task_number == 0
    assert not Batch.objects.exists()
    assert not Activity.objects.exists()


def test_bu3_best_effort_changes_all_others(api, owner, tasks):
    body = order(tasks, changes={"title": "New"}, versions={str(tasks[1].pk): 7}, mode="best_effort")

    answer = api(owner).post(URL, body).json()

    assert answer["counts"] == {"changed": 2, "unchanged": 0, "failed": 1, "conflict": 0}
    assert list(Task.objects.order_by("pk").values_list("title", flat=True)) == ["New", "Task 1", "New"]


@pytest.mark.parametrize(
    ("action", "changes"),
    [("update", {"status": "done", "title": "New"}), ("archive", {}), ("delete", {}), ("move", {}), ("complete", {})],
)
def test_bu4_a_dry_run_answers_what_the_run_answers_and_writes_nothing(api, owner, tasks, action, changes):
    target = ProjectFactory(owner=owner)
    changes = {"project": target.pk} if action == "move" else changes
    before = state()

    dry = api(owner).post(URL, order(tasks, action, changes=changes, dry_run=True))
    assert state() == before
    assert not Activity.objects.exists()
    assert "X-Batch-ID" not in dry
    run = api(owner).post(URL, order(tasks, action, changes=changes)).json()

    assert (dry.json()["batch_id"], dry.json()["dry_run"]) == (None, True)
    for item in run["results"] if action == "move" else ():
        item["key"] = item["changes"]["key"]["to"] = None  # what the run hands out
    same = ("mode", "counts", "results")
    assert [dry.json()[name] for name in same] == [run[name] for name in same]


def test_bu5_results_come_in_the_order_of_the_ids(api, owner, tasks):
    tasks.reverse()

    answer = api(owner).post(URL, order(tasks, changes={"title": "New"})).json()

    assert [item["id"] for item in answer["results"]] == [task.pk for task in tasks]


def test_what_changes_nothing_is_unchanged(api, owner, tasks):
    answer = api(owner).post(URL, order(tasks, changes={"title": "Task 1"})).json()

    assert [item["result"] for item in answer["results"]] == ["changed", "unchanged", "changed"]
    assert answer["results"][1]["version"] == 1


@pytest.mark.parametrize(("role", "code"), [("viewer", "permission_denied"), ("commenter", "permission_denied")])
def test_bu1_rights_are_those_of_a_single_request(api, request, role, code, tasks):
    answer = (
        api(request.getfixturevalue(role)).post(URL, order(tasks, changes={"title": ""}, mode="best_effort")).json()
    )

    assert {item["error"]["code"] for item in answer["results"]} == {code}


def test_bu1_a_value_that_is_wrong_is_each_tasks_error(api, owner, tasks):
    answer = api(owner).post(URL, order(tasks[:1], changes={"status": "maybe"}, mode="best_effort")).json()

    error = answer["results"][0]["error"]
    assert (error["code"], error["pointer"]) == ("invalid_choice", "/status")


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"action": "update", "changes": {"project": 1}}, "/changes/project", "unknown_field"),
        ({"action": "update", "changes": {"colour": "red"}}, "/changes/colour", "unknown_field"),
        ({"action": "archive", "changes": {"title": "x"}}, "/changes/title", "unknown_field"),
        ({"action": "explode"}, "/action", "invalid_choice"),
        ({"action": "archive", "versions": {"99999": 1}}, "/versions", "invalid"),
        ({"action": "archive", "ids": []}, "/ids", "empty"),
        ({"action": "archive", "ids": [1, 1]}, "/ids", "invalid"),
        ({"action": "archive", "ids": list(range(1, 202))}, "/ids", "too_many_tasks"),
        ({"action": "archive", "mode": "sometimes"}, "/mode", "invalid_choice"),
        ({"action": "archive", "more": 1}, "/more", "unknown_field"),
    ],
)
def test_what_is_wrong_with_the_request_is_a_400(api, owner, tasks, body, pointer, code):
    response = api(owner).post(URL, order(tasks[:1]) | body)

    assert response.status_code == 400
    assert {"pointer": pointer, "code": code} in [
        {"pointer": each["pointer"], "code": each["code"]} for each in response.json()["errors"]
    ]


def test_bu14_one_idempotency_key_is_one_batch(api, owner, tasks):
    client, body = api(owner), order(tasks, changes={"priority": "low"})

    first = client.post(URL, body, headers={"Idempotency-Key": "bulk-1"})
    again = client.post(URL, body, headers={"Idempotency-Key": "bulk-1"})

    assert first.json() == again.json()
    assert again["Idempotency-Replayed"] == "true"
    assert Batch.objects.count() == 1


def test_bu13_dry_runs_count_in_tasks_too(api, owner, tasks, settings):
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "bulk_items": "5/3600"}
    client = api(owner)

    assert client.post(URL, order(tasks, "archive", dry_run=True)).status_code == 200
    response = client.post(URL, order(tasks, "archive", dry_run=True))

    assert response.status_code == 429
    assert int(response["Retry-After"]) > 60


def test_bu3_an_atomic_failure_leaves_the_other_project_as_it_was(api, owner, member, project, tasks):
    other = ProjectFactory(owner=owner)
    MembershipFactory(project=other, user=member, role="viewer")
    elsewhere = TaskFactory(project=other)

    response = api(member).post(URL, order([*tasks, elsewhere], changes={"status": "done"}))

    assert response.status_code == 422
    assert set(Task.objects.values_list("status", flat=True)) == {"todo"}
    project.refresh_from_db()
    assert project.open_tasks_count == 3


def test_bu12_each_person_is_notified_once_of_a_batch(api, owner, member, tasks):
    body = order(tasks, changes={"assigned_to": member.pk, "priority": "high"})
    api(owner).post(URL, body)

    assert kinds_sent_to(member) == ["tasks_changed"]
    assert kinds_sent_to(owner) == []


def test_bu12_dry_runs_and_failed_tasks_notify_nobody(api, owner, member, tasks):
    versions = {str(task.pk): 9 for task in tasks}
    body = order(tasks, changes={"assigned_to": member.pk}, versions=versions, mode="best_effort")
    api(owner).post(URL, body)
    api(owner).post(URL, order(tasks, changes={"assigned_to": member.pk}, dry_run=True))

    assert kinds_sent_to(member) == []


def test_bu5_a_task_that_went_along_with_its_parent_is_unchanged_when_its_turn_comes(api, owner, tasks):
    root, child, _ = tasks
    api(owner).patch(f"/api/tasks/{child.pk}/", {"parent": root.pk})

    answer = api(owner).post(URL, order(tasks, "delete")).json()

    assert [item["result"] for item in answer["results"]] == ["changed", "unchanged", "changed"]


def test_complete_takes_what_becomes_of_open_subtasks(api, owner, tasks):
    root, child, _ = tasks
    api(owner).patch(f"/api/tasks/{child.pk}/", {"parent": root.pk})

    rejected = api(owner).post(URL, order([root], "complete", changes={"on_subtasks": "reject"}))
    done = api(owner).post(URL, order([root], "complete", changes={"on_subtasks": "complete"}))

    assert rejected.json()["results"][0]["error"]["code"] == "open_subtasks"
    assert done.json()["counts"]["changed"] == 1
    assert Task.objects.get(pk=child.pk).status == "done"
