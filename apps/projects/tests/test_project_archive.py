"""POST /api/projects/{id}/archive/ and unarchive/."""

from __future__ import annotations

import pytest
from django.utils import timezone

from apps.projects.models import Project
from apps.projects.tests.cast import answers, history, unchanged
from apps.projects.tests.factories import ProjectFactory


def url(project, act):
    return f"/api/projects/{project.pk}/{act}/"


def archive(project):
    Project.objects.filter(pk=project.pk).update(archived_at=timezone.now())


@answers(owner=200, admin=200, member=403, viewer=403)
@pytest.mark.parametrize("act", ["archive", "unarchive"])
def test_owner_and_admins_archive_and_unarchive(api, project, request, who, status, act):
    person = request.getfixturevalue(who)
    if act == "unarchive":
        archive(project)
    stays = unchanged(project)

    assert api(person).post(url(project, act)).status_code == status
    assert stays() is (status != 200)


def test_archiving_answers_the_project_and_leaves_the_default_list(api, project, owner):
    body = api(owner).post(url(project, "archive")).json()

    assert (body["is_archived"], body["version"], body["role"]) == (True, 2, "owner")
    assert api(owner).get("/api/projects/").json()["results"] == []
    assert history(project)[0][0] == "archived"

    body = api(owner).post(url(project, "unarchive")).json()
    assert (body["is_archived"], body["version"]) == (False, 3)
    assert [verb for verb, _ in history(project)] == ["archived", "unarchived"]


@pytest.mark.parametrize("act", ["archive", "unarchive"])
def test_the_same_once_more_changes_nothing(api, project, owner, act):
    api(owner).post(url(project, act))
    stays = unchanged(project)

    assert api(owner).post(url(project, act)).status_code == 200
    assert stays()


def test_an_inbox_cannot_be_archived(api, outsider):
    inbox = ProjectFactory(owner=outsider, is_inbox=True)
    stays = unchanged(inbox)

    response = api(outsider).post(url(inbox, "archive"))

    assert (response.status_code, response.json()["code"]) == (409, "inbox_is_personal")
    assert stays()


@pytest.mark.parametrize("act", ["archive", "unarchive"])
def test_if_match_is_honoured(api, project, owner, act):
    assert api(owner).post(url(project, act), headers={"If-Match": '"7.0"'}).status_code == 412
