"""GET and POST /api/projects/{id}/members/."""

from __future__ import annotations

import pytest
from django.utils import timezone

from apps.notifications.tests.assertions import kinds_sent_to
from apps.projects.models import Membership, Project
from apps.projects.roles import Role
from apps.projects.tests.cast import answers, history, unchanged
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.users.tests.factories import UserFactory


def url(project):
    return f"/api/projects/{project.pk}/members/"


@pytest.fixture
def newcomer(db):
    return UserFactory(username="Newcomer", email="New.Comer@Example.org")


@answers(owner=200, admin=200, member=200, viewer=200)
def test_members_see_who_is_in(api, project, request, who, status):
    assert api(request.getfixturevalue(who)).get(url(project)).status_code == status


def test_the_list_is_in_the_order_of_joining_and_can_be_narrowed_by_role(api, project, owner, admin, viewer):
    client = api(viewer)

    def usernames(query=""):
        return [row["user"]["username"] for row in client.get(url(project) + query).json()["results"]]

    assert usernames() == ["owner", "projectadmin", "viewer"]
    assert usernames("?role=admin") == ["projectadmin"]
    assert usernames("?ordering=-joined_at") == ["viewer", "projectadmin", "owner"]
    assert client.get(url(project) + "?role=king").status_code == 400


@answers(owner=201, admin=201, member=403, viewer=403)
def test_owner_and_admins_add_members(api, project, request, newcomer, who, status):
    person, stays = request.getfixturevalue(who), unchanged(project)

    response = api(person).post(url(project), {"user_id": newcomer.pk})

    assert response.status_code == status
    assert stays() is (status != 201)


@pytest.mark.parametrize("way", ["user_id", "email", "username"])
def test_a_person_is_added_by_id_or_by_name_ignoring_case(api, project, owner, newcomer, way):
    value = {"user_id": newcomer.pk, "email": "new.comer@example.ORG", "username": "NEWCOMER"}[way]

    response = api(owner).post(url(project), {way: value})

    assert response.status_code == 201
    membership = Membership.objects.get(project=project, user=newcomer)
    assert response.json() == {
        "user": {"id": newcomer.pk, "username": "Newcomer", "nickname": "", "avatar": None},
        "role": "member",
        "joined_at": membership.joined_at.isoformat().replace("+00:00", "Z"),
    }
    assert Project.objects.get(pk=project.pk).members_count == Membership.objects.filter(project=project).count()


@pytest.mark.parametrize("role", ["viewer", "member", "admin"])
def test_the_new_member_has_the_role_asked_for_is_told_and_stands_in_the_history(
    api, project, owner, admin, newcomer, role
):
    assert api(admin).post(url(project), {"user_id": newcomer.pk, "role": role}).status_code == 201
    assert api(newcomer).get(f"/api/projects/{project.pk}/").json()["role"] == role
    assert (kinds_sent_to(newcomer), kinds_sent_to(owner), kinds_sent_to(admin)) == (["project_member_added"], [], [])
    assert history(project) == [
        ("member_added", {"member": {"from": None, "to": newcomer.pk}, "role": {"from": None, "to": role}})
    ]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"user_id": 999_999}, 404, "user_not_found"),
        ({"email": "nobody@example.org"}, 404, "user_not_found"),
        ({"username": "nobody"}, 404, "user_not_found"),
        ({"username": "owner"}, 409, "already_member"),
        ({"username": "newcomer", "role": "owner"}, 400, "validation_error"),
        ({"username": "newcomer", "role": "king"}, 400, "validation_error"),
        ({"username": "newcomer", "email": "new.comer@example.org"}, 400, "validation_error"),
        ({"email": "no address"}, 400, "validation_error"),
        ({"user_id": 2**63}, 400, "validation_error"),
        ({"user_id": 0}, 400, "validation_error"),
        ({"user_id": None}, 400, "validation_error"),
        ({"user_id": [1]}, 400, "validation_error"),
        ({"role": "viewer"}, 400, "validation_error"),
        ({"who": "newcomer"}, 400, "validation_error"),
        ({}, 400, "validation_error"),
    ],
)
def test_who_cannot_be_added_is_rejected_and_nothing_is_left_behind(api, project, owner, newcomer, body, status, code):
    stays = unchanged(project)

    response = api(owner).post(url(project), body)

    assert (response.status_code, response.json()["code"]) == (status, code)
    assert stays()


def test_a_deactivated_account_is_not_found(api, project, owner):
    gone = UserFactory(is_active=False)

    assert api(owner).post(url(project), {"user_id": gone.pk}).json()["code"] == "user_not_found"


def test_an_inbox_cannot_be_shared(api, outsider, newcomer):
    inbox = ProjectFactory(owner=outsider, is_inbox=True)
    stays = unchanged(inbox)

    response = api(outsider).post(url(inbox), {"user_id": newcomer.pk})

    assert (response.status_code, response.json()["code"]) == (409, "inbox_is_personal")
    assert stays()


def test_nobody_is_added_to_an_archived_project(api, project, owner, newcomer):
    Project.objects.filter(pk=project.pk).update(archived_at=timezone.now())
    stays = unchanged(project)

    response = api(owner).post(url(project), {"user_id": newcomer.pk})

    assert (response.status_code, response.json()["code"]) == (409, "project_archived")
    assert stays()


def test_a_retry_with_the_same_idempotency_key_gives_the_first_answer(api, project, owner, newcomer):
    body = {"user_id": newcomer.pk}
    first, again = (api(owner).post(url(project), body, headers={"Idempotency-Key": "once"}) for _ in range(2))

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert kinds_sent_to(newcomer) == ["project_member_added"]


def test_a_kept_answer_is_not_for_who_has_lost_the_right(api, project, admin, newcomer):
    body, headers = {"user_id": newcomer.pk}, {"Idempotency-Key": "once"}
    assert api(admin).post(url(project), body, headers=headers).status_code == 201
    Membership.objects.filter(user=admin).update(role=Role.VIEWER)

    assert api(admin).post(url(project), body, headers=headers).status_code == 403


def test_asking_who_has_an_account_is_limited(api, project, owner, settings):
    settings.THROTTLE_RATES = {**settings.THROTTLE_RATES, "members": "3/3600"}
    client = api(owner)

    statuses = [client.post(url(project), {"username": "nobody"}).status_code for _ in range(4)]

    assert statuses == [404, 404, 404, 429]
    assert client.get(url(project)).status_code == 200


def test_the_number_of_queries_does_not_grow_with_the_members(api, project, owner, django_assert_num_queries):
    for _ in range(10):
        MembershipFactory(project=project)

    client = api(owner)
    with django_assert_num_queries(3):  # the caller, the project with the role, the page
        assert len(client.get(url(project)).json()["results"]) == 11
