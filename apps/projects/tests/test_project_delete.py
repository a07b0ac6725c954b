"""DELETE /api/projects/{id}/."""

from __future__ import annotations

import time

import pytest
from django.db import connection
from django.utils import timezone

from apps.projects import erasure
from apps.projects.announcements import project_deleting
from apps.projects.models import Activity, Membership, Project
from apps.projects.tests.cast import answers, unchanged
from apps.projects.tests.factories import ProjectFactory
from apps.reports.models import Report
from apps.tasks.models import Task
from apps.tasks.tests.bulk import insert_tasks
from apps.tasks.tests.factories import TaskFactory
from scripts.local.slowness import slowness


@pytest.fixture(autouse=True)
def _no_trash(settings):
    settings.TRASH_DAYS = 0


def url(project):
    return f"/api/projects/{project.pk}/"


@answers(owner=204, admin=403, member=403, viewer=403)
def test_only_the_owner_deletes(api, project, request, who, status):
    person, stays = request.getfixturevalue(who), unchanged(project)

    assert api(person).delete(url(project)).status_code == status
    assert Project.objects.filter(pk=project.pk).exists() is (status != 204)
    assert status == 204 or stays()


@pytest.mark.django_db(transaction=True)
def test_everything_in_the_project_goes_with_it(api, project, owner, member):
    TaskFactory.create_batch(3, project=project, assigned_to=member)
    Report.objects.create(project=project, created_by=owner)
    api(owner).patch(url(project), {"name": "Once more"})
    other = TaskFactory()
    heard = []
    project_deleting.listen(heard.append)
    try:
        assert api(owner).delete(url(project)).status_code == 204
    finally:
        project_deleting._listeners.remove(heard.append)

    assert heard == [project]
    assert list(Task.objects.all()) == [other]
    assert not Report.objects.exists()
    assert not Activity.objects.filter(project_id=project.pk).exists()
    assert list(Membership.objects.values_list("project_id", flat=True)) == [other.project_id]
    assert api(owner).get(url(project)).status_code == 404


def test_an_archived_project_can_be_deleted(api, project, owner):
    Project.objects.filter(pk=project.pk).update(archived_at=timezone.now())

    assert api(owner).delete(url(project)).status_code == 204


def test_an_inbox_cannot_be_deleted(api, outsider):
    inbox = ProjectFactory(owner=outsider, is_inbox=True)
    stays = unchanged(inbox)

    response = api(outsider).delete(url(inbox))

    assert (response.status_code, response.json()["code"]) == (409, "inbox_is_personal")
    assert stays()


def test_if_match_is_honoured(api, project, owner):
    assert api(owner).delete(url(project), headers={"If-Match": '"2.0"'}).status_code == 412
    assert Project.objects.filter(pk=project.pk).exists()
    assert api(owner).delete(url(project), headers={"If-Match": '"1.0"'}).status_code == 204


def test_rows_go_in_batches(api, project, owner, monkeypatch):
    monkeypatch.setattr(erasure, "BATCH", 2)
    TaskFactory.create_batch(5, project=project)

    assert api(owner).delete(url(project)).status_code == 204
    assert not Task.objects.exists()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_hundred_thousand_tasks_lose_their_assignee_and_go_within_the_webs_time_limits(api, project, owner, member):
    insert_tasks(project, 100_000, assigned_to=member)
    figures = {}
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, false)", [f"{5 * slowness():.1f}s"])  # COMMIT too
    try:
        for act, path in (("leaves", f"{url(project)}members/{member.pk}/"), ("deleted", url(project))):
            started = time.monotonic()
            assert api(owner).delete(path).status_code == 204
            figures[act] = round(time.monotonic() - started, 1)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET statement_timeout")

    print(
        f"100,000 tasks: the assignee leaves in {figures['leaves']} s, the project is deleted in {figures['deleted']} s"
    )
    assert not Task.objects.exists()
