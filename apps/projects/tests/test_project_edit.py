"""PUT and PATCH /api/projects/{id}/."""

from __future__ import annotations

import pytest
from django.utils import timezone

from apps.projects.models import Project
from apps.projects.tests.cast import answers, history, unchanged
from apps.projects.tests.factories import ProjectFactory


def url(project):
    return f"/api/projects/{project.pk}/"


@answers(owner=200, admin=200, member=403, viewer=403)
@pytest.mark.parametrize("method", ["put", "patch"])
def test_owner_and_admins_edit(api, project, request, who, status, method):
    person, stays = request.getfixturevalue(who), unchanged(project)

    response = getattr(api(person), method)(url(project), {"name": "Renamed"})

    assert response.status_code == status
    assert stays() is (status != 200)


def test_rights_are_decided_before_the_body_is_read(api, project, viewer, outsider):
    for person, status in ((viewer, 403), (outsider, 404)):
        response = api(person).generic("PATCH", url(project), "{not json", content_type="application/json")
        assert response.status_code == status


def test_patch_touches_only_what_is_sent_and_raises_the_version(api, project, owner):
    before = Project.objects.get(pk=project.pk)

    response = api(owner).patch(url(project), {"description": "New words"})

    after = Project.objects.get(pk=project.pk)
    assert (response.json()["description"], response.json()["version"]) == ("New words", 2)
    assert (after.name, after.key, after.created_at) == (before.name, before.key, before.created_at)
    assert after.updated_at > before.updated_at
    assert history(project) == [("updated", {"description": {"from": "", "to": "New words"}})]


def test_an_edit_that_changes_nothing_raises_no_version_and_leaves_no_history(api, project, owner):
    stays = unchanged(project)

    assert api(owner).patch(url(project), {"name": "Website", "key": "WEB"}).status_code == 200
    assert stays()


def test_put_needs_the_name_and_leaves_out_what_is_optional(api, project, owner):
    assert api(owner).put(url(project), {"description": "x"}).status_code == 400
    response = api(owner).put(url(project), {"name": "Shop"})

    assert (response.json()["name"], response.json()["key"]) == ("Shop", "WEB")


def test_the_key_can_be_changed_unless_the_owner_uses_it_elsewhere(api, project, owner, admin):
    ProjectFactory(owner=owner, key="SHOP")
    stays = unchanged(project)

    rejected = api(admin).patch(url(project), {"key": "SHOP", "name": "Shop"})

    assert (rejected.status_code, rejected.json()["code"]) == (409, "key_taken")
    assert stays()
    assert api(admin).patch(url(project), {"key": "STORE"}).json()["key"] == "STORE"


def test_an_archived_project_is_read_only(api, project, owner):
    Project.objects.filter(pk=project.pk).update(archived_at=timezone.now())
    stays = unchanged(project)

    response = api(owner).patch(url(project), {"name": "Renamed"})

    assert (response.status_code, response.json()["code"]) == (409, "project_archived")
    assert stays()


def test_the_inbox_can_be_renamed(api, outsider):
    inbox = ProjectFactory(owner=outsider, is_inbox=True)

    assert api(outsider).patch(url(inbox), {"name": "Everything else"}).status_code == 200


def test_an_older_version_in_if_match_is_rejected_with_the_current_etag(api, project, owner, admin):
    stale = api(owner).get(url(project))["ETag"]
    current = api(admin).patch(url(project), {"name": "Faster"})
    stays = unchanged(project)

    rejected = api(owner).patch(url(project), {"name": "Slower"}, headers={"If-Match": stale})

    assert (rejected.status_code, rejected.json()["code"]) == (412, "precondition_failed")
    assert rejected["ETag"].split(".")[0] == current["ETag"].split(".")[0]
    assert stays()


@pytest.mark.parametrize("header", ["*", '"1.0"', 'W/"1.abc"', '"7.aa", "1.bb"'])
def test_if_match_is_compared_by_version(api, project, owner, header):
    assert api(owner).patch(url(project), {"name": "New"}, headers={"If-Match": header}).status_code == 200


def test_a_stale_if_match_on_an_archived_project_is_412_before_409(api, project, owner):
    Project.objects.filter(pk=project.pk).update(archived_at=timezone.now())

    response = api(owner).patch(url(project), {"name": "x"}, headers={"If-Match": '"9.0"'})

    assert response.status_code == 412
