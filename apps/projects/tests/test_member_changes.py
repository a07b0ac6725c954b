"""PATCH and DELETE /api/projects/{id}/members/{user_id}/."""

from __future__ import annotations

import pytest
from django.utils import timezone

from apps.notifications.tests.assertions import kinds_sent_to
from apps.projects.announcements import member_leaving
from apps.projects.models import Membership, Project
from apps.projects.roles import Role
from apps.projects.tests.cast import answers, history, unchanged
from apps.projects.tests.factories import MembershipFactory


def url(project, user):
    return f"/api/projects/{project.pk}/members/{getattr(user, 'pk', user)}/"


@pytest.fixture
def colleague(project):
    return MembershipFactory(project=project, user__username="colleague").user


@answers(owner=200, admin=200, member=403, viewer=403)
def test_owner_and_admins_change_roles(api, project, request, colleague, who, status):
    person, stays = request.getfixturevalue(who), unchanged(project)

    response = api(person).patch(url(project, colleague), {"role": "viewer"})

    assert response.status_code == status
    assert stays() is (status != 200)


@answers(owner=204, admin=204, member=403, viewer=403)
def test_owner_and_admins_remove_others(api, project, request, colleague, who, status):
    person, stays = request.getfixturevalue(who), unchanged(project)

    assert api(person).delete(url(project, colleague)).status_code == status
    assert stays() is (status != 204)


def test_a_new_role_counts_at_once_is_told_and_stands_in_the_history(api, project, owner, colleague):
    response = api(owner).patch(url(project, colleague), {"role": "admin"})

    assert (response.json()["role"], response.json()["user"]["username"]) == ("admin", "colleague")
    assert api(colleague).patch(f"/api/projects/{project.pk}/", {"name": "Mine too"}).status_code == 200
    assert (kinds_sent_to(colleague), kinds_sent_to(owner)) == (["project_role_changed"], [])
    assert history(project)[0] == (
        "role_changed",
        {"member": {"from": colleague.pk, "to": colleague.pk}, "role": {"from": "member", "to": "admin"}},
    )


@pytest.mark.parametrize("body", [{"role": "member"}, {}])
def test_the_same_role_again_changes_and_tells_nothing(api, project, owner, colleague, body):
    stays = unchanged(project)

    assert api(owner).patch(url(project, colleague), body).status_code == 200
    assert stays()


def test_an_admin_may_step_down_and_is_not_told_of_it(api, project, admin):
    assert api(admin).patch(url(project, admin), {"role": "viewer"}).status_code == 200
    assert kinds_sent_to(admin) == []


@pytest.mark.parametrize("body", [{"role": "owner"}, {"role": None}, {"role": "king"}, {"user_id": 3}, []])
def test_a_role_that_cannot_be_given_is_rejected(api, project, owner, colleague, body):
    stays = unchanged(project)

    assert api(owner).patch(url(project, colleague), body).status_code == 400
    assert stays()


@pytest.mark.parametrize("who", ["owner", "admin"])
def test_the_owner_cannot_be_demoted_or_removed(api, project, request, owner, who):
    client = api(request.getfixturevalue(who))
    stays = unchanged(project)

    for response in (client.patch(url(project, owner), {"role": "admin"}), client.delete(url(project, owner))):
        assert (response.status_code, response.json()["code"]) == (409, "owner_must_stay")
    assert stays()


def test_somebody_who_is_no_member_is_a_404_for_those_who_manage_and_a_403_for_others(
    api, project, owner, viewer, outsider
):
    for absent in (outsider, 999_999_999):
        assert api(owner).patch(url(project, absent), {"role": "viewer"}).status_code == 404
        assert api(owner).delete(url(project, absent)).status_code == 404
        assert api(viewer).delete(url(project, absent)).status_code == 403


@pytest.mark.parametrize("who", ["admin", "member", "viewer"])
def test_everybody_but_the_owner_may_leave(api, project, request, owner, who):
    person = request.getfixturevalue(who)

    assert api(person).delete(url(project, person)).status_code == 204
    assert api(person).get(f"/api/projects/{project.pk}/").status_code == 404
    assert (kinds_sent_to(person), kinds_sent_to(owner)) == ([], [])


def test_who_is_removed_sees_nothing_any_more_and_is_told(api, project, owner, colleague):
    heard = []

    def listener(*args):
        heard.append((*args, Membership.objects.filter(user=colleague).exists()))

    member_leaving.listen(listener)
    try:
        assert api(owner).delete(url(project, colleague)).status_code == 204
    finally:
        member_leaving._listeners.remove(listener)

    assert heard == [(project, colleague, owner, True)]
    assert api(colleague).get(f"/api/projects/{project.pk}/").status_code == 404
    assert kinds_sent_to(colleague) == ["project_member_removed"]
    assert history(project) == [
        ("member_removed", {"member": {"from": colleague.pk, "to": None}, "role": {"from": "member", "to": None}})
    ]
    assert Project.objects.get(pk=project.pk).members_count == Membership.objects.filter(project=project).count() == 1


def test_in_an_archived_project_members_may_go_but_roles_stay(api, project, owner, colleague, viewer):
    Project.objects.filter(pk=project.pk).update(archived_at=timezone.now())

    rejected = api(owner).patch(url(project, colleague), {"role": "viewer"})

    assert (rejected.status_code, rejected.json()["code"]) == (409, "project_archived")
    assert Membership.objects.get(user=colleague).role == Role.MEMBER
    assert api(owner).delete(url(project, colleague)).status_code == 204
    assert api(viewer).delete(url(project, viewer)).status_code == 204


def test_one_membership_has_no_page_of_its_own_and_no_put(api, project, owner, colleague):
    assert api(owner).get(url(project, colleague)).status_code == 405
    assert api(owner).put(url(project, colleague), {"role": "viewer"}).status_code == 405
