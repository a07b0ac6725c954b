"""Tasks that are done together: the same rules, and as many statements for many as for two (contract BU1)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.labels.services import create_label
from apps.tasks.relations.services import create_relation
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db
URL = "/api/tasks/bulk/"


@pytest.mark.parametrize(
    ("action", "changes"),
    [
        ("update", {"status": "done", "priority": "high", "due_on": "2026-12-24"}),
        ("update", {"assigned_to": "member", "labels_add": "label"}),
        ("complete", {"on_subtasks": "complete"}),
        ("archive", {}),
    ],
)
def test_the_number_of_statements_does_not_grow_with_the_tasks(api, owner, member, project, action, changes):
    label = create_label(actor=owner, project_id=project.pk, name="bug")
    values = {"member": member.pk, "label": [label.pk]}
    body = {"action": action, "changes": {name: values.get(value, value) for name, value in changes.items()}}
    client, statements = api(owner), []

    for count in (2, 9):
        parent = TaskFactory(project=project)
        ids = [TaskFactory(project=project, parent=parent).pk for _ in range(count)]
        with CaptureQueriesContext(connection) as queries:
            response = client.post(URL, {"ids": ids, **body})
        assert response.json()["counts"]["changed"] == count
        statements.append(len(queries))

    assert statements[0] == statements[1]


def test_parents_and_their_sub_tasks_are_done_together(api, owner, project):
    client, statements = api(owner), []

    for count in (1, 4):
        parents = [TaskFactory(project=project) for _ in range(count)]
        tasks = [each for parent in parents for each in (parent, TaskFactory(project=project, parent=parent))]
        body = {"ids": [task.pk for task in tasks], "action": "update", "changes": {"status": "review"}}
        with CaptureQueriesContext(connection) as queries:
            response = client.post(URL, body)
        assert response.json()["counts"]["changed"] == 2 * count
        statements.append(len(queries))

    assert statements[0] == statements[1]


def test_a_sub_task_is_taken_out_of_the_archive_after_its_parent_in_one_change(api, owner, project):
    parent = TaskFactory(project=project)
    child = TaskFactory(project=project, parent=parent)
    client, ids = api(owner), [parent.pk, child.pk]
    client.post(URL, {"ids": [child.pk], "action": "archive"})
    client.post(URL, {"ids": [parent.pk], "action": "archive"})

    answer = client.post(URL, {"ids": ids, "action": "unarchive"})

    assert [item["result"] for item in answer.json()["results"]] == ["changed", "changed"]


def test_bu3_what_one_task_fails_with_leaves_the_others_done_in_one_statement(api, owner, member, project):
    viewed = ProjectFactory()
    MembershipFactory(project=viewed, user=member, role="viewer")
    parent = TaskFactory(project=project)
    first, stale, last = (TaskFactory(project=project, parent=parent) for _ in range(3))
    foreign, hidden = TaskFactory(project=viewed), TaskFactory()
    ids = [first.pk, stale.pk, foreign.pk, hidden.pk, last.pk]
    body = {"ids": ids, "action": "update", "changes": {"status": "done"}, "versions": {str(stale.pk): 5}}

    answer = api(member).post(URL, {**body, "mode": "best_effort"}).json()

    codes = [item["error"] and item["error"]["code"] for item in answer["results"]]
    assert codes == [None, "precondition_failed", "permission_denied", "not_found", None]
    parent.refresh_from_db()
    project.refresh_from_db()
    assert (parent.subtasks_total, parent.subtasks_done, project.open_tasks_count) == (3, 2, 2)


def test_de7_a_blocker_that_is_done_earlier_in_the_same_change_blocks_no_longer(api, owner, project):
    type(project).objects.filter(pk=project.pk).update(blocked_done="reject")
    blocked, blocker, other = (TaskFactory(project=project) for _ in range(3))
    create_relation(actor=owner, task=blocker, kind="blocks", other=blocked.pk)
    body = {"action": "update", "changes": {"status": "done"}, "mode": "best_effort", "dry_run": True}

    def outcomes(*tasks):
        answer = api(owner).post(URL, {"ids": [task.pk for task in tasks], **body}).json()
        return [item["result"] for item in answer["results"]]

    assert outcomes(blocker, blocked, other) == ["changed", "changed", "changed"]
    assert outcomes(blocked, blocker, other) == ["failed", "changed", "changed"]


def test_undo_of_a_move_gives_a_sub_task_its_assignee_back(api, owner, member, project):
    target = ProjectFactory(owner=owner)
    root = TaskFactory(project=project)
    child = TaskFactory(project=project, parent=root, assigned_to=member)
    client = api(owner)

    moved = client.post(URL, {"ids": [root.pk], "action": "move", "changes": {"project": target.pk}})
    assert client.get(f"/api/tasks/{child.pk}/").json()["assigned_to"] is None
    undone = client.post(f"/api/batches/{moved['X-Batch-ID']}/undo/")

    assert undone.json()["counts"]["failed"] == 0
    assert client.get(f"/api/tasks/{child.pk}/").json()["assigned_to"]["id"] == member.pk
