"""POST /api/trash/{id}/restore/ (contract TR5 to TR10, TR15)."""

from __future__ import annotations

import pytest

from apps.common.tests.races import at_once
from apps.projects.models import Activity, Membership, Project, TrashEntry
from apps.projects.tests.factories import ProjectFactory
from apps.tasks.models import Task
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db


def trashed(client, path):
    assert client.delete(path).status_code == 204
    return TrashEntry.objects.order_by("-pk")[0]


def restore(client, entry, body=None):
    return client.post(f"/api/trash/{entry.pk}/restore/", body or {})


def test_tr5_a_task_comes_back_as_it_was_but_for_its_version(api, project, owner, member, task):
    Task.objects.filter(pk=task.pk).update(assigned_to=member)
    client = api(owner)
    client.post(f"/api/tasks/{task.pk}/comments/", {"body": "Stays"})
    before = client.get(f"/api/tasks/{task.pk}/").json()
    entry = trashed(client, f"/api/tasks/{task.pk}/")

    response = restore(client, entry)

    after = client.get(f"/api/tasks/{task.pk}/").json()
    assert response.status_code == 200
    assert response.json() == {"type": "task", "task": after}
    assert after["version"] == before["version"] + 2
    changed = {"version", "updated_at"}
    assert {name: value for name, value in after.items() if name not in changed} == {
        name: value for name, value in before.items() if name not in changed
    }
    project.refresh_from_db()
    assert (project.tasks_count, project.open_tasks_count) == (1, 1)
    event = Activity.objects.get(type="task.restored")
    assert str(event.batch_id) == response["X-Batch-ID"]
    assert not TrashEntry.objects.exists()
    assert len(client.get(f"/api/tasks/{task.pk}/comments/").json()["results"]) == 1


def test_tr6_not_in_an_archived_project_and_not_while_the_project_is_in_the_trash(api, project, owner, task):
    client = api(owner)
    entry = trashed(client, f"/api/tasks/{task.pk}/")
    Project.objects.filter(pk=project.pk).update(archived_at="2026-01-01T00:00:00Z")
    assert restore(client, entry).json()["code"] == "project_archived"
    of_project = trashed(client, f"/api/projects/{project.pk}/")

    answer = restore(client, entry).json()
    assert (answer["status"], answer["code"], answer["trash_id"]) == (404, "in_trash", of_project.pk)
    assert Task.objects.get(pk=task.pk).trash_id == entry.pk


def test_tr7_a_project_comes_back_with_its_entries_archived_as_it_was(api, project, owner, member, task):
    client = api(owner)
    of_task = trashed(client, f"/api/tasks/{task.pk}/")
    client.post(f"/api/projects/{project.pk}/archive/")
    before = client.get(f"/api/projects/{project.pk}/").json()
    entry = trashed(client, f"/api/projects/{project.pk}/")

    response = restore(client, entry)

    after = client.get(f"/api/projects/{project.pk}/").json()
    assert response.json() == {"type": "project", "project": after}
    assert after | {"version": 0, "updated_at": ""} == before | {"version": 0, "updated_at": ""}
    assert after["version"] == before["version"] + 2
    assert Activity.objects.filter(type="project.restored").count() == 1
    assert TrashEntry.objects.get() == of_task
    assert api(member).get(f"/api/projects/{project.pk}/").status_code == 200


def test_tr7_a_key_that_is_taken_by_now_has_a_suggestion_that_works(api, project, owner):
    client = api(owner)
    entry = trashed(client, f"/api/projects/{project.pk}/")
    ProjectFactory(owner=owner, name="Website", key="WEB")

    answer = restore(client, entry).json()
    assert (answer["status"], answer["code"]) == (409, "key_taken")
    assert restore(client, entry, {"key": "WEB"}).status_code == 409
    assert restore(client, entry, {"key": "bad key"}).status_code == 400
    assert restore(client, entry, {"key": answer["suggestion"]}).json()["project"]["key"] == answer["suggestion"]


@pytest.mark.parametrize(
    ("who", "status"), [("owner", 200), ("admin", 403), ("member", 403), ("viewer", 403), ("outsider", 404)]
)
def test_tr7_only_the_owner_restores_a_project(api, project, owner, request, who, status):
    person = request.getfixturevalue(who)
    entry = trashed(api(owner), f"/api/projects/{project.pk}/")

    assert restore(api(person), entry).status_code == status


def test_a_task_keeps_its_key_and_bad_bodies_are_rejected(api, owner, task):
    entry = trashed(api(owner), f"/api/tasks/{task.pk}/")

    answer = restore(api(owner), entry, {"key": "WEB"}).json()
    assert answer["errors"][0]["code"] == "unknown_field"
    assert answer["errors"][0]["pointer"] == "/key"
    assert restore(api(owner), entry, {"other": 1}).status_code == 400


def test_tr8_an_assignee_who_left_is_cleared_and_named(api, project, owner, member, task):
    Task.objects.filter(pk=task.pk).update(assigned_to=member)
    client = api(owner)
    entry = trashed(client, f"/api/tasks/{task.pk}/")
    client.delete(f"/api/projects/{project.pk}/members/{member.pk}/")

    answer = restore(client, entry).json()

    assert answer["effects"] == {"unassigned": ["WEB-1"]}
    assert answer["task"]["assigned_to"] is None


@pytest.mark.parametrize(
    ("who", "status"),
    [("owner", 200), ("admin", 200), ("member", 403), ("viewer", 403), ("commenter", 403), ("outsider", 404)],
)
def test_who_restores_a_task(api, project, owner, task, request, who, status):
    person = request.getfixturevalue(who)
    entry = trashed(api(owner), f"/api/tasks/{task.pk}/")

    assert restore(api(person), entry).status_code == status


def test_a_member_restores_what_they_deleted_or_created(api, project, owner, member):
    made = TaskFactory(project=project, created_by=member)
    entry = trashed(api(owner), f"/api/tasks/{made.pk}/")

    assert restore(api(member), entry).status_code == 200


def test_tr15_restoring_twice_is_a_404(api, owner, task):
    entry = trashed(api(owner), f"/api/tasks/{task.pk}/")

    assert restore(api(owner), entry).status_code == 200
    assert restore(api(owner), entry).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_tr15_of_restore_and_purge_at_the_same_time_one_wins():
    project = ProjectFactory()
    outcomes = []
    from apps.tasks import services
    from apps.tasks.trash.services import purge_entry, restore_entry

    for _ in range(20):
        task = TaskFactory(project=project)
        entry = services.delete_task(actor=project.owner, task=task)
        results = at_once(
            lambda entry=entry: restore_entry(actor=project.owner, entry=entry),
            lambda entry=entry: purge_entry(actor=project.owner, entry=entry),
        )
        failed = [result for result in results if isinstance(result, Exception)]
        assert [error.status for error in failed] == [404]
        outcomes.append("restored" if Task.objects.filter(pk=task.pk, trash=None).exists() else "purged")
        assert outcomes[-1] == "restored" or not Task.objects.filter(pk=task.pk).exists()

    print(f"restore against purge: {outcomes.count('restored')} restored, {outcomes.count('purged')} purged")
    project.refresh_from_db()
    assert project.tasks_count == outcomes.count("restored")
    assert not TrashEntry.objects.exists()
    assert Membership.objects.count() == 1
