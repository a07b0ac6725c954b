"""PATCH /api/tasks/{id}/ with another project."""

from __future__ import annotations

import pytest

from apps.projects.models import Activity, Project
from apps.projects.roles import Role
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.models import Attachment, AttachmentState, Task
from apps.tasks.tests.assertions import counts, kinds_and_recipients, snapshot
from apps.tasks.tests.factories import TaskFactory


@pytest.fixture
def target(member, owner):
    """A project with one task, of which member and owner are members."""
    project = ProjectFactory(owner=member, name="Mobile", key="MOB")
    MembershipFactory(project=project, user=owner, role=Role.MEMBER)
    TaskFactory(project=project)
    return project


def url(task: Task) -> str:
    return f"/api/tasks/{task.pk}/"


def test_it_takes_the_next_number_of_the_target_and_keeps_its_id(api, project, target, member, task):
    response = api(member).patch(url(task), {"project": target.pk, "title": "Moved"})

    shown = response.json()
    assert response.status_code == 200
    assert (shown["id"], shown["key"], shown["project"], shown["title"]) == (task.pk, "MOB-2", target.pk, "Moved")
    assert shown["version"] == 2
    assert counts(project) == (1, 0, 0)
    assert counts(target) == (2, 2, 2)


def test_a_number_is_never_used_again(api, project, target, member, task):
    client = api(member)
    client.patch(url(task), {"project": target.pk})

    back = client.patch(url(task), {"project": project.pk}).json()

    assert back["key"] == "WEB-2"
    assert client.post("/api/tasks/", {"project": target.pk, "title": "x"}).json()["key"] == "MOB-3"


def test_the_same_project_moves_nothing(api, project, member, task):
    before = snapshot()

    assert api(member).patch(url(task), {"project": project.pk}).status_code == 200
    assert snapshot() == before


def test_an_assignee_who_is_no_member_of_the_target_is_cleared(api, target, member, admin, task):
    Task.objects.filter(pk=task.pk).update(assigned_to=admin)

    shown = api(member).patch(url(task), {"project": target.pk}).json()

    assert shown["assigned_to"] is None
    assert ("task_unassigned", admin.username) not in kinds_and_recipients()


def test_putting_back_what_was_read_with_another_project_clears_that_assignee_too(api, target, member, admin, task):
    Task.objects.filter(pk=task.pk).update(assigned_to=admin)
    body = api(member).get(url(task)).json() | {"project": target.pk}

    response = api(member).put(url(task), body)

    assert (response.status_code, response.json()["assigned_to"]) == (200, None)


def test_an_assignee_who_is_a_member_of_both_stays(api, target, member, owner, task):
    Task.objects.filter(pk=task.pk).update(assigned_to=owner)

    shown = api(member).patch(url(task), {"project": target.pk}).json()

    assert shown["assigned_to"]["id"] == owner.pk
    assert kinds_and_recipients() == {("task_updated", "owner")}


def test_a_new_assignee_must_be_a_member_of_the_target(api, target, member, admin, owner, task):
    before = snapshot()
    rejected = api(member).patch(url(task), {"project": target.pk, "assigned_to": admin.pk})
    assert rejected.json()["errors"][0]["code"] == "not_a_member"
    assert snapshot() == before

    shown = api(member).patch(url(task), {"project": target.pk, "assigned_to": owner.pk}).json()
    assert shown["assigned_to"]["id"] == owner.pk


@pytest.mark.parametrize(("role", "status"), [(Role.VIEWER, 403), (Role.MEMBER, 200), (Role.ADMIN, 200), (None, 400)])
def test_the_target_needs_a_member(api, member, task, role, status):
    target = ProjectFactory()
    if role is not None:
        MembershipFactory(project=target, user=member, role=role)
    before = snapshot()

    bad_fields = {} if status == 200 else {"title": "", "nonsense": 1}  # the project is judged before them

    response = api(member).patch(url(task), {"project": target.pk, **bad_fields})

    assert response.status_code == status
    if status == 400:
        errors = response.json()["errors"]
        assert [(error["pointer"], error["code"]) for error in errors] == [("/project", "does_not_exist")]
    if status != 200:
        assert snapshot() == before


@pytest.mark.parametrize(("who", "status"), [("viewer", 403), ("outsider", 404)])
def test_the_source_needs_a_member(api, request, task, who, status):
    person = request.getfixturevalue(who)
    target = ProjectFactory(owner=person)
    before = snapshot()

    assert api(person).patch(url(task), {"project": target.pk}).status_code == status
    assert snapshot() == before


@pytest.mark.parametrize("which", ["source", "target"])
def test_neither_project_may_be_archived(api, project, target, member, task, which):
    archived = project if which == "source" else target
    Project.objects.filter(pk=archived.pk).update(archived_at="2026-01-01T00:00:00Z")
    before = snapshot()

    response = api(member).patch(url(task), {"project": target.pk})

    assert (response.status_code, response.json()["code"]) == (409, "project_archived")
    assert snapshot() == before


@pytest.mark.parametrize("value", [None, "x", 0, -1, 1.5, 2**63, [], {"id": 1}, True])
def test_a_project_must_be_an_id(api, member, task, value):
    response = api(member).patch(url(task), {"project": value, "title": ""})

    assert response.status_code == 400
    assert {error["pointer"] for error in response.json()["errors"]} == {"/project"}


def test_files_and_their_bytes_come_along(api, project, target, member, task):
    Attachment.objects.create(
        task=task, project=project, name="a.txt", storage_name="a", size=70, state=AttachmentState.READY
    )
    Task.objects.filter(pk=task.pk).update(attachments_count=1)
    Project.objects.filter(pk=project.pk).update(attachment_bytes=70)

    shown = api(member).patch(url(task), {"project": target.pk}).json()

    project.refresh_from_db()
    target.refresh_from_db()
    assert shown["attachments_count"] == 1
    assert Attachment.objects.get().project == target
    assert (project.attachment_bytes, target.attachment_bytes) == (0, 70)


def test_each_project_has_its_own_side_of_the_history(api, project, target, member, task):
    api(member).patch(url(task), {"project": target.pk, "title": "secret of the target"})

    left = Activity.objects.get(project=project)
    assert (left.verb, left.task_key) == ("moved_out", "WEB-1")
    assert left.changes == {"project": {"from": project.pk, "to": None}, "key": {"from": "WEB-1", "to": None}}
    came = Activity.objects.get(project=target)
    assert (came.verb, came.task_key) == ("moved_in", "MOB-2")
    assert came.changes["project"] == {"from": None, "to": target.pk}
    assert came.changes["title"]["to"] == "secret of the target"
