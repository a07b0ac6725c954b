"""Setting a blocked task to done: allowed with a word of it, or rejected by every route (contract DE7)."""

from __future__ import annotations

import pytest

from apps.common.errors import ConflictError
from apps.projects.models import Activity, BlockedDone, Project
from apps.projects.tests.factories import ProjectFactory
from apps.tasks.models import Task
from apps.tasks.relations.services import blocking
from apps.tasks.relations.tests.relation_helpers import archive, finish, relate, trash_project
from apps.tasks.services import archive_task, delete_task, update_task
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db
DONE = {"status": "done"}


def reject(project: Project) -> None:
    Project.objects.filter(pk=project.pk).update(blocked_done=BlockedDone.REJECT)


def routes(client, task):
    """Yield each route that sets a task to done, with what it answers."""
    path = f"/api/tasks/{task.pk}/"
    yield client.patch(path, DONE, format="json")
    yield client.put(path, {"title": task.title, **DONE}, format="json")
    yield client.patch(f"{path}status/", DONE, format="json")
    yield client.post(f"{path}move/", {"position": "last", **DONE}, format="json")


def test_property_4_de7_a_project_that_rejects_it_rejects_it_by_every_route(api, member, task, second, project):
    relate(second, "blocks", task)
    reject(project)
    before = Activity.objects.count()

    for response in routes(api(member), task):
        assert (response.status_code, response.json()["code"]) == (409, "blocked")
        assert (response.json()["blockers"], response.json()["hidden"]) == ([second.key], 0)
    assert (Task.objects.get(pk=task.pk).version, Activity.objects.count()) == (1, before)


@pytest.mark.parametrize("action", ["update", "complete"])
def test_property_4_de7_bulk_changes_are_rejected_for_the_blocked_task(api, member, task, second, project, action):
    relate(second, "blocks", task)
    reject(project)
    other = TaskFactory(project=project)
    changes = {"changes": DONE} if action == "update" else {}
    body = {"ids": [task.pk, other.pk], "action": action, **changes}

    atomic = api(member).post("/api/tasks/bulk/", body, format="json")
    assert (atomic.status_code, atomic.json()["code"]) == (422, "bulk_failed")
    assert set(Task.objects.values_list("status", flat=True)) == {"todo"}
    best = api(member).post("/api/tasks/bulk/", {**body, "mode": "best_effort"}, format="json").json()
    assert [(one["result"], (one["error"] or {}).get("code")) for one in best["results"]] == [
        ("failed", "blocked"),
        ("changed", None),
    ]


def test_property_4_de7_an_undo_does_not_close_a_task_that_is_blocked_by_now(api, owner, task, second, project):
    finish(task)
    client = api(owner)
    body = {"ids": [task.pk], "action": "update", "changes": {"status": "todo"}}
    batch = client.post("/api/tasks/bulk/", body, format="json")["X-Batch-ID"]
    relate(second, "blocks", task)
    reject(project)

    [item] = client.post(f"/api/batches/{batch}/undo/", {}, format="json").json()["results"]

    assert (item["result"], item["error"]["code"]) == ("failed", "blocked")
    assert Task.objects.get(pk=task.pk).status == "todo"


def test_property_4_de7_a_cascade_closes_nothing_when_one_sub_task_is_blocked(api, member, task, second, project):
    children = [TaskFactory(project=project, parent=task) for _ in range(3)]
    relate(second, "blocks", children[1])
    reject(project)
    body = {**DONE, "on_subtasks": "complete"}

    response = api(member).patch(f"/api/tasks/{task.pk}/", body)

    assert (response.status_code, response.json()["code"]) == (409, "blocked")
    assert response.json()["blockers"] == [second.key]
    assert set(Task.objects.values_list("status", flat=True)) == {"todo"}


def test_de7_a_cascade_counts_the_blockers_of_all_that_it_closes(api, member, task, second, project):
    children = [TaskFactory(project=project, parent=task) for _ in range(3)]
    relate(second, "blocks", children[1])
    relate(second, "blocks", task)
    relate(children[0], "blocks", children[2])  # done together: does not count

    response = api(member).patch(f"/api/tasks/{task.pk}/", {**DONE, "on_subtasks": "complete"})

    assert response.status_code == 200
    assert response.json()["effects"] | {"batch_id": ""} == {
        "batch_id": "",
        "subtasks_changed": 3,
        "blocked_by_open": 1,
    }


def test_de7_the_default_allows_it_and_says_how_many_block(api, owner, member, task, second, far, project):
    assert project.blocked_done == "allow"
    for blocker in (second, far, TaskFactory(project=project)):
        relate(blocker, "blocks", task, actor=owner)

    for number, response in enumerate(routes(api(member), task)):
        assert response.status_code == 200
        assert response.json()["status"] == "done"
        assert response.json().get("effects") == ({"blocked_by_open": 3} if number == 0 else None)  # done already
    assert "effects" not in api(member).get(f"/api/tasks/{task.pk}/").json()


def test_de7_the_tag_does_not_cover_the_effects(api, member, task, second):
    relate(second, "blocks", task)

    written = api(member).patch(f"/api/tasks/{task.pk}/", DONE)

    assert "effects" in written.json()
    assert api(member).get(f"/api/tasks/{task.pk}/")["ETag"] == written["ETag"]


def test_de7_without_a_block_nothing_is_said(api, member, task, second, project):
    reject(project)
    relate(task, "blocks", second)
    relate(second, "relates", task)

    response = api(member).patch(f"/api/tasks/{task.pk}/", DONE)

    assert (response.status_code, "effects" in response.json()) == (200, False)


def test_de7_blockers_that_are_not_open_do_not_count(api, owner, member, task, project, operations):
    reject(project)
    done, archived, trashed = (TaskFactory(project=project) for _ in range(3))
    elsewhere, gone = (TaskFactory(project=ProjectFactory(owner=owner)) for _ in range(2))
    for blocker in (done, archived, trashed, elsewhere, gone):
        relate(blocker, "blocks", task, actor=owner)
    finish(done)
    archive_task(actor=owner, task=archived)
    delete_task(actor=owner, task=trashed)
    archive(elsewhere.project)
    trash_project(gone.project)

    assert api(member).patch(f"/api/tasks/{task.pk}/", DONE).status_code == 200


def test_de7_at_most_ten_keys_are_named_and_hidden_counts_what_the_caller_cannot_see(
    api, owner, member, task, project, operations
):
    reject(project)
    for _ in range(12):
        relate(TaskFactory(project=project), "blocks", task)
    for _ in range(2):
        relate(TaskFactory(project=operations), "blocks", task, actor=owner)

    for person, hidden in ((member, 2), (owner, 0)):
        body = api(person).patch(f"/api/tasks/{task.pk}/", DONE).json()
        assert (len(body["blockers"]), body["hidden"]) == (10, hidden)
    assert api(member).patch(f"/api/tasks/{task.pk}/", DONE).json()["blockers"] == [f"WEB-{n}" for n in range(2, 12)]


def test_de7_other_changes_of_a_blocked_task_are_free(api, member, task, second, project):
    reject(project)
    relate(second, "blocks", task)

    for body in ({"status": "review"}, {"title": "Other"}, {"assigned_to": member.pk}):
        assert api(member).patch(f"/api/tasks/{task.pk}/", body).status_code == 200


def test_de7_a_done_task_that_is_blocked_later_stays_done(api, member, task, second, project):
    reject(project)
    finish(task)
    relate(second, "blocks", task)

    assert api(member).patch(f"/api/tasks/{task.pk}/", {**DONE, "title": "Other"}).status_code == 200


def test_de7_creation_is_not_checked(api, member, project):
    reject(project)

    assert api(member).post("/api/tasks/", {"project": project.pk, "title": "x", **DONE}).status_code == 201


def test_de7_a_move_to_done_is_judged_by_the_project_where_the_task_will_be(api, owner, task, second, operations):
    relate(second, "blocks", task)
    reject(operations)

    body = {"project": operations.pk, **DONE}
    response = api(owner).patch(f"/api/tasks/{task.pk}/", body)
    assert (response.status_code, response.json()["code"]) == (409, "blocked")
    assert Task.objects.get(pk=task.pk).project_id == task.project_id

    reject(task.project)
    Project.objects.filter(pk=operations.pk).update(blocked_done="allow")
    response = api(owner).patch(f"/api/tasks/{task.pk}/", body)
    assert (response.status_code, response.json()["effects"]["blocked_by_open"]) == (200, 1)


def test_de7_administrators_are_held_to_it_in_the_admin(owner, staff, task, second, project):
    reject(project)
    relate(second, "blocks", task)

    with pytest.raises(ConflictError, match="not done") as raised:
        update_task(actor=staff, task=task, changes=DONE, as_administrator=True)
    assert raised.value.extra == {"blockers": [second.key], "hidden": 0}


def test_de7_blocks_among_tasks_that_are_done_together_do_not_count(member, task, second, project):
    from apps.tasks.locking import Authority

    reject(project)
    project.refresh_from_db()
    relate(second, "blocks", task)

    found = blocking.Blocking([task.pk, second.pk]).around([task, second], project, Authority(member))

    assert found == blocking.Blocks(open_blockers=0, are_blockers=False)


def test_blocked_comes_after_the_precondition_and_the_archive(api, owner, task, second, project):
    reject(project)
    relate(second, "blocks", task)
    path = f"/api/tasks/{task.pk}/status/"

    assert api(owner).patch(path, DONE, HTTP_IF_MATCH='"9.0"').status_code == 412
    archive(project)
    assert api(owner).patch(path, DONE).json()["code"] == "project_archived"


@pytest.mark.parametrize(("who", "status"), [("owner", 200), ("admin", 200), ("member", 403), ("viewer", 403)])
def test_admins_set_what_a_project_does(api, request, project, who, status):
    response = api(request.getfixturevalue(who)).patch(f"/api/projects/{project.pk}/", {"blocked_done": "reject"})

    assert response.status_code == status
    project.refresh_from_db()
    assert project.blocked_done == ("reject" if status == 200 else "allow")


def test_the_setting_is_read_everywhere_and_written_in_the_history(api, owner, project):
    client = api(owner)
    client.patch(f"/api/projects/{project.pk}/", {"blocked_done": "reject"})

    assert client.get(f"/api/projects/{project.pk}/").json()["blocked_done"] == "reject"
    rows = client.get("/api/projects/").json()["results"]
    assert {row["key"]: row["blocked_done"] for row in rows}["WEB"] == "reject"
    [event] = Activity.objects.filter(project=project, type="project.updated")
    assert event.changes == {"blocked_done": {"from": "allow", "to": "reject"}}
    assert client.patch(f"/api/projects/{project.pk}/", {"blocked_done": "maybe"}).json()["errors"][0]["code"] == (
        "invalid_choice"
    )


def test_a_new_project_can_be_made_with_the_setting(api, owner):
    made = api(owner).post("/api/projects/", {"name": "Strict", "blocked_done": "reject"}).json()

    assert made["blocked_done"] == "reject"
    assert api(owner).post("/api/projects/", {"name": "Free"}).json()["blocked_done"] == "allow"
