"""DELETE tasks/{id}/attachments/{id}/, and what becomes of files whose task goes or moves."""

from __future__ import annotations

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from apps.notifications.models import Notification
from apps.projects.models import Activity
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.attachments.services import remove_deleted
from apps.tasks.attachments.tests import files
from apps.tasks.attachments.tests.attachment_helpers import attach
from apps.tasks.models import Attachment, AttachmentState
from apps.tasks.tests.factories import TaskFactory


@pytest.fixture(autouse=True)
def _no_trash(settings):
    settings.TRASH_DAYS = 0


def url(task, attachment) -> str:
    return f"/api/tasks/{task.pk}/attachments/{attachment.pk}/"


def counts(task, project) -> tuple[int, int]:
    task.refresh_from_db()
    project.refresh_from_db()
    return task.attachments_count, project.attachment_bytes


def test_a_member_deletes_an_own_file(api, member, task, project, media):
    attachment = attach(task, by=member)

    response = api(member).delete(url(task, attachment))

    attachment.refresh_from_db()
    assert (response.status_code, response.content) == (204, b"")
    assert (attachment.state, attachment.task_id, attachment.project_id) == (AttachmentState.DELETING, None, None)
    assert counts(task, project) == (0, 0)
    assert task.version == 1
    entry = Activity.objects.get(verb="attachment_deleted")
    assert entry.changes == {"attachments": {"from": "notes.txt", "to": None}}
    assert (entry.actor_id, entry.task_id) == (member.pk, task.pk)
    assert not Notification.objects.exists()
    # The bytes wait for the job, and go before the row does.
    assert files.stored(media) == [attachment.storage_name]
    assert remove_deleted() == 1
    assert (files.stored(media), Attachment.objects.count()) == ([], 0)


@pytest.mark.parametrize(
    ("who", "own", "status"),
    [
        ("owner", False, 204),
        ("admin", False, 204),
        ("member", True, 204),
        ("member", False, 403),
        ("viewer", False, 403),
        ("outsider", False, 404),
        ("staff", False, 404),
        (None, False, 401),
    ],
)
def test_each_role_gets_its_answer(request, api, task, project, who, own, status):
    user = request.getfixturevalue(who) if who else None
    attachment = attach(task, by=user if own else None)

    response = api(user).delete(url(task, attachment))

    assert response.status_code == status
    gone = status == 204
    assert counts(task, project) == ((0, 0) if gone else (1, len(files.TEXT)))
    assert Attachment.objects.ready().exists() != gone


def test_a_file_is_deleted_once(api, owner, task, project):
    attachment = attach(task)
    attach(task)

    answers = [api(owner).delete(url(task, attachment)).status_code for _ in range(2)]

    assert answers == [204, 404]
    assert counts(task, project) == (1, len(files.TEXT))


def test_a_file_is_deleted_below_its_own_task_only(api, owner, task, project):
    attachment = attach(task)

    assert api(owner).delete(url(TaskFactory(project=project), attachment)).status_code == 404
    assert counts(task, project) == (1, len(files.TEXT))


def test_files_of_an_archived_project_stay(api, owner, task, project):
    attachment = attach(task)
    project.archived_at = timezone.now()
    project.save(update_fields=["archived_at"])

    response = api(owner).delete(url(task, attachment))

    assert (response.status_code, response.json()["code"]) == (409, "project_archived")
    assert counts(task, project) == (1, len(files.TEXT))


def test_if_match_means_nothing_to_a_thing_without_a_version(api, owner, task):
    assert api(owner).delete(url(task, attach(task)), HTTP_IF_MATCH='"7.ab"').status_code == 204


def test_deleting_a_task_deletes_its_files(api, owner, task, project, media):
    attach(task)
    attach(task)
    other = attach(TaskFactory(project=project))

    assert api(owner).delete(f"/api/tasks/{task.pk}/").status_code == 204

    project.refresh_from_db()
    assert project.attachment_bytes == len(files.TEXT)
    assert Attachment.objects.deleting().filter(task=None, project=None).count() == 2
    call_command("clean_files")
    assert files.stored(media) == [other.storage_name]
    assert Attachment.objects.get().pk == other.pk


def test_deleting_a_project_deletes_its_files(api, owner, task, project, media):
    attach(task)
    attach(TaskFactory(project=project))
    other = attach(TaskFactory(project=ProjectFactory(owner=owner)))

    assert api(owner).delete(f"/api/projects/{project.pk}/").status_code == 204

    call_command("clean_files")
    assert files.stored(media) == [other.storage_name]
    assert Attachment.objects.get().pk == other.pk


def test_a_moved_task_takes_its_files_and_their_bytes_along(api, owner, member, task, project):
    attachment = attach(task)
    target = ProjectFactory(owner=owner)

    response = api(owner).patch(f"/api/tasks/{task.pk}/", {"project": target.pk})

    assert response.status_code == 200
    attachment.refresh_from_db()
    target.refresh_from_db()
    assert attachment.project_id == target.pk
    assert counts(task, project) == (1, 0)
    assert target.attachment_bytes == len(files.TEXT)
    place = f"/api/tasks/{task.pk}/attachments/{attachment.pk}/download/"
    assert b"".join(api(owner).get(place).streaming_content) == files.TEXT
    assert api(member).get(place).status_code == 404  # a member of the old project only


def test_a_task_whose_files_do_not_fit_stays_where_it_is(api, owner, task, project, settings):
    attach(task)
    target = ProjectFactory(owner=owner)
    target.attachment_bytes = settings.PROJECT_QUOTA_BYTES
    target.save()

    response = api(owner).patch(f"/api/tasks/{task.pk}/", {"project": target.pk})

    assert (response.status_code, response.json()["code"]) == (409, "quota_exceeded")


@pytest.mark.django_db(transaction=True)
def test_a_rejected_move_leaves_task_and_files_as_they_were(api, owner, task, project, settings):
    attachment = attach(task)
    target = ProjectFactory(owner=owner)
    target.attachment_bytes = settings.PROJECT_QUOTA_BYTES
    target.save()

    assert api(owner).patch(f"/api/tasks/{task.pk}/", {"project": target.pk}).status_code == 409

    attachment.refresh_from_db()
    assert (attachment.project_id, attachment.task_id) == (project.pk, task.pk)
    assert counts(task, project) == (1, len(files.TEXT))
    assert task.project_id == project.pk


def test_no_cascade_goes_around_the_clean_up(task, project):
    attach(task)

    with pytest.raises(ProtectedError):
        task.delete()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM tasks_task WHERE id = %s", [task.pk])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_database_keeps_a_file_in_its_tasks_project(task, owner):
    attachment = attach(task)

    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "UPDATE tasks_attachment SET project_id = %s WHERE id = %s",
            [ProjectFactory(owner=owner).pk, attachment.pk],
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@pytest.mark.parametrize("state", [AttachmentState.READY, AttachmentState.UPLOADING])
def test_the_database_detaches_only_what_is_being_deleted(task, state):
    attachment = attach(task)

    with pytest.raises(IntegrityError), transaction.atomic():
        Attachment.objects.filter(pk=attachment.pk).update(state=state, task=None, project=None)


def test_an_ended_account_leaves_its_files_in_others_projects(api, task, project):
    leaving = MembershipFactory(project=project).user
    attachment = attach(task, by=leaving)

    response = api(leaving).delete("/api/auth/profile/", {"password": "correct horse battery"})

    assert response.status_code == 204
    assert Attachment.objects.ready().get().pk == attachment.pk
