"""GET /api/projects/{id}/."""

from __future__ import annotations

import json

import pytest
from rest_framework.renderers import JSONRenderer

from apps.projects.models import Project
from apps.projects.serializers import ProjectDetailSerializer
from apps.projects.tests.cast import answers
from apps.projects.tests.factories import MembershipFactory


def url(project):
    return f"/api/projects/{project.pk}/"


@answers(owner=200, admin=200, member=200, viewer=200)
def test_members_see_the_project_with_their_own_role(api, project, request, who, status):
    response = api(request.getfixturevalue(who)).get(url(project))

    assert response.status_code == status
    if status == 200:
        assert response.json()["role"] == {"projectadmin": "admin"}.get(who, who)


def test_the_members_stand_in_the_order_in_which_they_joined(api, project, owner, admin, viewer):
    members = api(viewer).get(url(project)).json()["members"]

    assert [(row["user"]["username"], row["role"]) for row in members] == [
        ("owner", "owner"),
        ("projectadmin", "admin"),
        ("viewer", "viewer"),
    ]
    assert set(members[0]) == {"user", "role", "joined_at"}


def test_an_absent_project_and_an_impossible_id_are_the_same_404(api, owner, outsider, project):
    unseen = api(outsider).get(url(project)).json()
    absent = api(owner).get("/api/projects/999999999999999999/").json()

    assert unseen["code"] == absent["code"] == "not_found"
    assert unseen["detail"] == absent["detail"]
    assert api(owner).get("/api/projects/99999999999999999999999/").status_code == 404


def test_if_none_match_answers_304_until_something_shown_changes(api, project, owner):
    client = api(owner)
    etag = client.get(url(project))["ETag"]

    assert client.get(url(project), headers={"If-None-Match": etag}).status_code == 304
    MembershipFactory(project=project)  # a count and a member more; the version stays
    changed = client.get(url(project), headers={"If-None-Match": etag})
    assert changed.status_code == 200
    assert changed["ETag"] != etag
    assert changed.json()["version"] == 1


@pytest.mark.parametrize("avatar", ["", "avatars/random.webp"])
def test_postgresql_writes_what_the_serializer_says(api, project, owner, avatar):
    nasty = 'quote " backslash \\ slash / %s \u2028 \U0001f600 é </script> \t \x7f'
    Project.objects.filter(pk=project.pk).update(description=nasty, archived_at="9999-12-31T23:59:59.000001Z")
    MembershipFactory(project=project, user__nickname=nasty, user__avatar=avatar, joined_at="2030-01-01T00:00:00Z")
    row = Project.objects.visible_to(owner).get(pk=project.pk)

    shown = api(owner).get(url(project)).json()

    assert list(shown) == list(ProjectDetailSerializer().fields)
    assert shown.pop("watch_level") == "participating"  # the caller's, which a serializer alone does not know
    assert shown == json.loads(JSONRenderer().render(ProjectDetailSerializer(row).data))
    assert len(shown["members"]) == 2


def test_the_number_of_queries_does_not_grow_with_the_members(api, project, owner, django_assert_num_queries):
    for _ in range(10):
        MembershipFactory(project=project)

    client = api(owner)
    with django_assert_num_queries(2):  # the caller, the project with owner and members: one snapshot
        assert len(client.get(url(project)).json()["members"]) == 11
