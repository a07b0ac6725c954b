"""Purging: by a person, by emptying, by time (contract TR11 to TR13), and kills in between (property 5)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.common.tests.crash import dies_at
from apps.projects.models import Activity, Membership, Project, TrashEntry
from apps.projects.roles import Role
from apps.projects.services import delete_project, release_account
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks import jobs, services
from apps.tasks.models import Attachment, AttachmentState, Task
from apps.tasks.tests.factories import TaskFactory
from apps.tasks.trash.services import purge_entry, restore_entry

pytestmark = pytest.mark.django_db


def trashed(actor, task):
    return services.delete_task(actor=actor, task=task)


def attach(task, size=70):
    Project.objects.filter(pk=task.project_id).update(attachment_bytes=size)
    return Attachment.objects.create(
        task=task,
        project=task.project,
        name="a.txt",
        storage_name=f"a{task.pk}",
        size=size,
        state=AttachmentState.READY,
    )


def test_tr11_a_purge_erases_rows_frees_bytes_and_leaves_one_event(api, project, owner, task):
    attach(task)
    entry = trashed(owner, task)

    assert api(owner).delete(f"/api/trash/{entry.pk}/").status_code == 204

    project.refresh_from_db()
    assert not Task.objects.exists()
    assert not TrashEntry.objects.exists()
    assert project.attachment_bytes == 0
    assert Attachment.objects.get().state == AttachmentState.DELETING
    assert [event.type for event in Activity.objects.order_by("seq")] == ["task.deleted", "task.purged"]
    assert api(owner).get(f"/api/tasks/{task.pk}/").json()["code"] == "not_found"


@pytest.mark.parametrize(("who", "status"), [("admin", 204), ("member", 403), ("viewer", 403), ("outsider", 404)])
def test_who_purges_a_task(api, project, owner, task, request, who, status):
    person = request.getfixturevalue(who)
    entry = trashed(owner, task)

    assert api(person).delete(f"/api/trash/{entry.pk}/").status_code == status


def test_people_purge_nothing_in_an_archived_project_but_time_does(api, project, owner, task):
    entry = trashed(owner, task)
    Project.objects.filter(pk=project.pk).update(archived_at=timezone.now())
    client = api(owner)

    assert client.delete(f"/api/trash/{entry.pk}/").json()["code"] == "project_archived"
    assert client.post("/api/trash/empty/", {"project": project.pk}).json()["code"] == "project_archived"
    TrashEntry.objects.update(purge_at=timezone.now() - timedelta(seconds=1))
    jobs.purge_trash()
    assert not Task.objects.exists()


def test_tr11_time_purges_what_is_due_and_nothing_else(project, owner):
    due, later = TaskFactory(project=project), TaskFactory(project=project)
    entry = trashed(owner, due)
    trashed(owner, later)
    TrashEntry.objects.filter(pk=entry.pk).update(purge_at=timezone.now())

    jobs.purge_trash()

    assert list(Task.objects.all()) == [later]
    assert Activity.objects.get(type="task.purged").actor is None


def test_a_project_is_purged_by_its_owner_with_everything_in_it(api, project, owner, admin, task):
    attach(task)
    trashed(owner, TaskFactory(project=project))
    entry = delete_project(actor=owner, project_id=project.pk)

    assert api(admin).delete(f"/api/trash/{entry.pk}/").status_code == 403
    assert api(owner).delete(f"/api/trash/{entry.pk}/").status_code == 204
    assert not Project.objects.filter(pk=project.pk).exists()
    assert not Task.objects.exists()
    assert not TrashEntry.objects.exists()


def test_emptying_counts_first_and_then_purges_the_tasks_of_one_project(api, project, owner, member, outsider, task):
    attach(task)
    trashed(owner, task)
    trashed(owner, TaskFactory(project=project))
    elsewhere = trashed(owner, TaskFactory(project=ProjectFactory(owner=owner)))
    client, body = api(owner), {"project": project.pk}
    found = {"entries": 2, "tasks": 2, "attachments_bytes": 70}

    assert client.post("/api/trash/empty/", body | {"dry_run": True}).json() == found | {"dry_run": True}
    assert TrashEntry.objects.count() == 3
    assert api(member).post("/api/trash/empty/", body).status_code == 403
    assert api(outsider).post("/api/trash/empty/", body).json()["errors"][0]["pointer"] == "/project"
    assert client.post("/api/trash/empty/", body).json() == found | {"dry_run": False}
    assert TrashEntry.objects.get() == elsewhere


def test_tr13_an_account_that_ends_takes_its_trashed_projects_along_shared_or_not(project, owner, member, task):
    delete_project(actor=owner, project_id=project.pk)

    release_account(owner)

    assert not Project.objects.filter(pk=project.pk).exists()
    assert not Membership.objects.filter(user=member).exists()


def test_who_deleted_may_end_their_account(api, project, owner, task):
    admin = MembershipFactory(project=project, role=Role.ADMIN).user
    trashed(admin, task)

    release_account(admin)

    assert TrashEntry.objects.get().deleted_by_id == admin.pk


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("point", "state"),
    [
        ("task.deleted", "kept"),
        ("trash.task_restored", "trashed"),
        ("trash.task_purged", "trashed"),
        ("trash.project_deleted", "kept"),
        ("trash.project_restored", "in trashed project"),
        ("trash.project_purged", "in trashed project"),
    ],
)
def test_property_5_a_kill_leaves_each_entry_wholly_on_one_side(point, state, settings):
    settings.ENVIRONMENT = "test"
    project = ProjectFactory()
    owner, task = project.owner, TaskFactory(project=project)
    if state == "trashed":
        entry = trashed(owner, task)
    elif state == "in trashed project":
        entry = delete_project(actor=owner, project_id=project.pk)
    act = {
        "task.deleted": lambda: services.delete_task(actor=owner, task=task),
        "trash.task_restored": lambda: restore_entry(actor=owner, entry=entry),
        "trash.task_purged": lambda: purge_entry(actor=owner, entry=entry),
        "trash.project_deleted": lambda: delete_project(actor=owner, project_id=project.pk),
        "trash.project_restored": lambda: restore_entry(actor=owner, entry=entry),
        "trash.project_purged": lambda: purge_entry(actor=owner, entry=entry),
    }[point]

    assert dies_at(point, act)

    task.refresh_from_db()
    project.refresh_from_db()
    found = "trashed" if task.trash_id else "in trashed project" if project.trash_id else "kept"
    assert found == state
    assert TrashEntry.objects.count() == (state != "kept")
    assert project.tasks_count == (state != "trashed")
