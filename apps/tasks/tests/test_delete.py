"""DELETE /api/tasks/{id}/"""

from __future__ import annotations

import pytest

from apps.projects.models import Activity, Project
from apps.tasks.models import Attachment, AttachmentState, Task
from apps.tasks.tests.assertions import counts, kinds_and_recipients, snapshot
from apps.tasks.tests.factories import TaskFactory


@pytest.fixture(autouse=True)
def _no_trash(settings):
    settings.TRASH_DAYS = 0


def url(task: Task) -> str:
    return f"/api/tasks/{task.pk}/"


def test_a_member_deletes_their_own_task(api, project, member):
    task = TaskFactory(project=project, created_by=member)

    response = api(member).delete(url(task))

    assert (response.status_code, response.content) == (204, b"")
    assert not Task.objects.exists()
    assert counts(project) == (1, 0, 0)
    assert api(member).get(url(task)).status_code == 404


@pytest.mark.parametrize(
    ("who", "status"),
    [("owner", 204), ("admin", 204), ("member", 403), ("viewer", 403), ("outsider", 404), ("staff", 404)],
)
def test_somebody_elses_task_needs_an_admin(api, task, request, who, status):
    person = request.getfixturevalue(who)
    before = snapshot()

    assert api(person).delete(url(task)).status_code == status
    if status != 204:
        assert snapshot() == before


def test_a_creator_who_became_a_viewer_deletes_nothing(api, project, viewer):
    task = TaskFactory(project=project, created_by=viewer)

    assert api(viewer).delete(url(task)).status_code == 403


def test_its_number_is_not_used_again(api, project, owner, task):
    client = api(owner)
    client.delete(url(task))

    assert client.post("/api/tasks/", {"project": project.pk, "title": "x"}).json()["key"] == "WEB-2"


def test_an_archived_project_is_read_only(api, project, owner, task):
    Project.objects.filter(pk=project.pk).update(archived_at="2026-01-01T00:00:00Z")

    assert api(owner).delete(url(task)).status_code == 409
    assert Task.objects.exists()


def test_its_files_are_let_go_for_the_clean_up(api, project, owner, task):
    Attachment.objects.create(
        task=task, project=project, name="a.txt", storage_name="a", size=70, state=AttachmentState.READY
    )
    Project.objects.filter(pk=project.pk).update(attachment_bytes=70)

    api(owner).delete(url(task))

    file = Attachment.objects.get()
    project.refresh_from_db()
    assert (file.state, file.task, file.project) == (AttachmentState.DELETING, None, None)
    assert project.attachment_bytes == 0


def test_the_history_stays_and_nobody_is_told(api, project, owner, member, task):
    Task.objects.filter(pk=task.pk).update(assigned_to=member)

    api(owner).delete(url(task))

    entry = Activity.objects.get()
    assert (entry.verb, entry.task_id, entry.task_key) == ("deleted", task.pk, "WEB-1")
    assert entry.changes == {"title": {"from": "Fix the login page", "to": None}}
    assert kinds_and_recipients() == set()
