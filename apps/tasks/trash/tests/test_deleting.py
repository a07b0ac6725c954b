"""DELETE into the trash (contract TR1 to TR4, TR12, TR14, H4, H6)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.notifications.models import Notification
from apps.projects.models import Activity, Project, TrashEntry
from apps.projects.roles import Role
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.models import Attachment, AttachmentState, Task
from apps.tasks.reminders import scan
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db


def url(task):
    return f"/api/tasks/{task.pk}/"


def attach(task, size=70):
    Project.objects.filter(pk=task.project_id).update(attachment_bytes=size)
    Task.objects.filter(pk=task.pk).update(attachments_count=1)
    return Attachment.objects.create(
        task=task, project=task.project, name="a.txt", storage_name="a", size=size, state=AttachmentState.READY
    )


def test_tr1_a_deletion_is_an_entry_with_a_time_that_stays(api, project, owner, task, settings):
    attach(task)
    response = api(owner).delete(url(task))
    settings.TRASH_DAYS = 1

    entry = TrashEntry.objects.get()
    assert response.status_code == 204
    assert response["Location"] == f"/api/trash/{entry.pk}/"
    assert response["X-Batch-ID"] == str(entry.batch_id)
    assert (entry.type, entry.root_id, entry.tasks_count, entry.attachments_bytes) == ("task", task.pk, 1, 70)
    assert entry.purge_at - entry.deleted_at == timedelta(days=30)
    assert (entry.deleted_by, entry.origin) == (owner, "api")


def test_tr2_each_task_gets_a_version_and_an_event_of_the_batch(api, project, owner, task):
    api(owner).delete(url(task))

    event = Activity.objects.get()
    task.refresh_from_db()
    assert task.version == 2
    assert (event.type, event.task_id, event.version) == ("task.deleted", task.pk, 2)
    assert event.batch_id == TrashEntry.objects.get().batch_id


def test_tr2_a_project_entry_is_one_event_and_changes_nothing_inside(api, project, owner, task):
    response = api(owner).delete(f"/api/projects/{project.pk}/")

    entry, event = TrashEntry.objects.get(), Activity.objects.get()
    task.refresh_from_db()
    project.refresh_from_db()
    assert response["Location"] == f"/api/trash/{entry.pk}/"
    assert "X-Batch-ID" not in response
    assert (entry.type, entry.root_id, entry.tasks_count, entry.batch_id) == ("project", project.pk, 1, None)
    assert (event.type, event.object_id) == ("project.deleted", project.pk)
    assert (task.version, task.trash_id, project.version) == (1, None, 2)


@pytest.mark.parametrize("what", ["task", "project"])
def test_tr3_it_is_in_no_list_count_statistic_or_search(api, project, owner, task, what):
    TaskFactory(project=project, title="Another")
    client = api(owner)
    client.delete(url(task) if what == "task" else f"/api/projects/{project.pk}/")
    left = 1 if what == "task" else 0

    assert len(client.get("/api/tasks/").json()["results"]) == left
    assert client.get("/api/tasks/?search=login").json()["results"] == []
    assert client.get("/api/tasks/?search=WEB-1").json()["results"] == []
    assert client.get("/api/tasks/statistics/").json()["total"] == left
    projects = [row for row in client.get("/api/projects/").json()["results"] if row["id"] == project.pk]
    assert [(row["tasks_count"], row["open_tasks_count"]) for row in projects] == [(1, 1)] * left


@pytest.mark.parametrize("what", ["task", "project"])
def test_tr3_waiting_notifications_show_no_content_and_reminders_are_silent(api, project, owner, member, task, what):
    client = api(owner)
    client.patch(url(task), {"assigned_to": member.pk, "due_date": "2026-11-29T00:00:00Z"})
    client.delete(url(task) if what == "task" else f"/api/projects/{project.pk}/")
    Task.objects.update(due_date=timezone.now() + timedelta(hours=1), created_at=timezone.now() - timedelta(days=9))

    scan.remind(now=timezone.now())

    [row] = api(member).get("/api/notifications/").json()["results"]
    assert "login" not in row["title"] + row["body"]
    assert not Notification.objects.filter(kind="task_due_soon").exists()


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("get", "", None),
        ("patch", "", {"title": "x"}),
        ("delete", "", None),
        ("patch", "status/", {"status": "done"}),
        ("post", "archive/", {}),
        ("get", "activity/", None),
        ("get", "attachments/", None),
        ("get", "comments/", None),
        ("post", "comments/", {"body": "x"}),
    ],
)
@pytest.mark.parametrize("what", ["task", "project"])
def test_h6_members_learn_where_it_is_and_others_nothing(
    api, project, owner, viewer, outsider, task, what, method, path, body
):
    api(owner).delete(url(task) if what == "task" else f"/api/projects/{project.pk}/")
    entry = TrashEntry.objects.get()

    seen = getattr(api(viewer), method)(url(task) + path, body).json()
    unseen = getattr(api(outsider), method)(url(task) + path, body).json()

    assert (seen["status"], seen["code"], seen["trash_id"]) == (404, "in_trash", entry.pk)
    assert (unseen["status"], unseen["code"]) == (404, "not_found")
    assert "trash_id" not in unseen


@pytest.mark.parametrize("path", ["", "members/", "activity/", "reports/"])
def test_h6_holds_for_every_route_below_a_project(api, project, owner, member, path):
    api(owner).delete(f"/api/projects/{project.pk}/")

    answer = api(member).get(f"/api/projects/{project.pk}/{path}").json()

    assert (answer["status"], answer["code"]) == (404, "in_trash")


def test_tr4_memberships_stay_and_cannot_be_changed_and_the_key_is_free(api, project, owner, member):
    api(owner).delete(f"/api/projects/{project.pk}/")

    assert api(owner).post("/api/projects/", {"name": "Website", "key": "WEB"}).status_code == 201
    assert api(owner).delete(f"/api/projects/{project.pk}/members/{member.pk}/").status_code == 404
    assert project.memberships.count() == 2


def test_tr4_no_task_is_created_in_or_moved_to_a_project_in_the_trash(api, project, owner, task):
    other = ProjectFactory(owner=owner)
    api(owner).delete(f"/api/projects/{other.pk}/")

    for answer in (
        api(owner).post("/api/tasks/", {"project": other.pk, "title": "x"}),
        api(owner).patch(url(task), {"project": other.pk}),
    ):
        assert answer.status_code == 400
        assert answer.json()["errors"][0] == {
            "pointer": "/project",
            "code": "does_not_exist",
            "detail": "There is no such project.",
        }


def test_tr12_without_a_trash_a_deletion_is_for_good(api, project, owner, task, settings):
    settings.TRASH_DAYS = 0
    attach(task)

    response = api(owner).delete(url(task))

    project.refresh_from_db()
    assert "Location" not in response
    assert "X-Batch-ID" not in response
    assert not Task.objects.exists()
    assert not TrashEntry.objects.exists()
    assert Attachment.objects.get().state == AttachmentState.DELETING
    assert project.attachment_bytes == 0
    assert [event.type for event in Activity.objects.all()] == ["task.deleted"]


def test_tr14_a_second_deletion_is_a_404_and_retention_spares_the_files(api, project, owner, task, settings):
    settings.ATTACHMENT_RETENTION_DAYS = 1
    Task.objects.filter(pk=task.pk).update(archived_at=timezone.now() - timedelta(days=9))
    attach(task)
    api(owner).delete(url(task))

    from apps.tasks.attachments.services import clean_files

    assert api(owner).delete(url(task)).json()["code"] == "in_trash"
    assert clean_files(now=timezone.now(), dry_run=True).expired == 0


def test_the_quota_still_counts_it_and_its_number_is_taken(api, project, owner, task):
    attach(task)
    api(owner).delete(url(task))

    project.refresh_from_db()
    assert project.attachment_bytes == 70
    assert api(owner).post("/api/tasks/", {"project": project.pk, "title": "x"}).json()["key"] == "WEB-2"


def test_a_leaving_member_is_unassigned_in_the_trash_too(api, project, owner, task):
    leaver = MembershipFactory(project=project, role=Role.MEMBER).user
    Task.objects.filter(pk=task.pk).update(assigned_to=leaver)
    api(owner).delete(url(task))

    assert api(owner).delete(f"/api/projects/{project.pk}/members/{leaver.pk}/").status_code == 204
    task.refresh_from_db()
    assert task.assigned_to is None
    assert not Activity.objects.filter(type="task.unassigned").exists()
