"""POST /api/projects/{id}/transfer/."""

from __future__ import annotations

import pytest
from django.utils import timezone

from apps.notifications.tests.assertions import kinds_sent_to
from apps.projects.models import Membership, Project
from apps.projects.roles import Role
from apps.projects.tests.cast import answers, history, unchanged
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.users.models import User


def url(project):
    return f"/api/projects/{project.pk}/transfer/"


def roles(project):
    return dict(Membership.objects.filter(project=project).values_list("user__username", "role"))


@answers(owner=200, admin=403, member=403, viewer=403)
def test_only_the_owner_transfers(api, project, request, who, status):
    person, successor = request.getfixturevalue(who), MembershipFactory(project=project).user
    stays = unchanged(project)

    assert api(person).post(url(project), {"user_id": successor.pk}).status_code == status
    assert stays() is (status != 200)


@pytest.mark.django_db(transaction=True)
def test_the_heir_owns_the_project_and_the_old_owner_is_an_admin(api, project, owner, viewer):
    response = api(owner).post(url(project), {"user_id": viewer.pk})

    body = response.json()
    assert (response.status_code, body["role"], body["owner"]["id"], body["version"]) == (200, "admin", viewer.pk, 2)
    assert roles(project) == {"owner": "admin", "viewer": "owner"}
    assert Project.objects.get(pk=project.pk).owner == viewer
    assert (kinds_sent_to(viewer), kinds_sent_to(owner)) == (["project_role_changed"], [])
    assert history(project) == [
        (
            "transferred",
            {"owner": {"from": owner.pk, "to": viewer.pk}, "role": {"from": "viewer", "to": "owner"}},
        )
    ]
    assert api(owner).delete(f"/api/projects/{project.pk}/").status_code == 403


def test_to_oneself_changes_nothing(api, project, owner):
    stays = unchanged(project)

    assert api(owner).post(url(project), {"user_id": owner.pk}).status_code == 200
    assert stays()


def test_the_heir_must_be_an_active_member(api, project, owner, outsider, member):
    User.objects.filter(pk=member.pk).update(is_active=False)
    stays = unchanged(project)

    for user_id in (outsider.pk, member.pk, 999_999_999):
        response = api(owner).post(url(project), {"user_id": user_id})
        assert response.status_code == 400
        assert [(e["pointer"], e["code"]) for e in response.json()["errors"]] == [("/user_id", "does_not_exist")]
    assert stays()


@pytest.mark.parametrize("body", [{}, {"user_id": None}, {"user_id": "x"}, {"user_id": 2**63}, {"user_id": 1, "a": 1}])
def test_a_bad_body_is_rejected(api, project, owner, body):
    assert api(owner).post(url(project), body).status_code == 400


def test_an_heir_who_uses_the_key_elsewhere_is_a_conflict(api, project, owner, member):
    ProjectFactory(owner=member, key=project.key)
    stays = unchanged(project)

    response = api(owner).post(url(project), {"user_id": member.pk})

    assert (response.status_code, response.json()["code"]) == (409, "key_taken")
    assert stays()


def test_an_inbox_cannot_be_transferred(api, outsider):
    inbox = ProjectFactory(owner=outsider, is_inbox=True)
    stays = unchanged(inbox)

    response = api(outsider).post(url(inbox), {"user_id": outsider.pk})

    assert (response.status_code, response.json()["code"]) == (409, "inbox_is_personal")
    assert stays()


def test_an_archived_project_can_be_transferred(api, project, owner, member):
    Project.objects.filter(pk=project.pk).update(archived_at=timezone.now())

    assert api(owner).post(url(project), {"user_id": member.pk}).status_code == 200
    assert roles(project) == {"owner": Role.ADMIN, "member": Role.OWNER}


def test_if_match_is_honoured(api, project, owner, member):
    stays = unchanged(project)

    response = api(owner).post(url(project), {"user_id": member.pk}, headers={"If-Match": '"5.0"'})

    assert response.status_code == 412
    assert stays()
