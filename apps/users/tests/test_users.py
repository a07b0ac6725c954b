"""GET users/, GET, PATCH and PUT users/{id}/, PUT users/{id}/update/."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from apps.users.models import User
from apps.users.tests.factories import UserFactory
from apps.users.tests.helpers import codes, is_in, log_in, send
from apps.users.tests.tokens import access_token_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return UserFactory(username="ben", email="ben@example.org", nickname="Benny")


@pytest.fixture
def staff():
    return UserFactory(username="staff", is_staff=True)


def ask(person, path, body=None, method="get"):
    return send(path, body, method=method, token=access_token_for(person) if person else None)


def test_staff_lists_people(user, staff):
    response = ask(staff, "users/")

    assert response.status_code == 200
    rows = response.json()["results"]
    assert {row["username"] for row in rows} == {"ben", "staff"}
    assert rows[0]["is_active"] is True


def test_the_list_costs_two_queries_however_long(staff, django_assert_num_queries):
    token = access_token_for(staff)
    UserFactory.create_batch(30)
    with django_assert_num_queries(2):
        assert len(send("users/", method="get", token=token).json()["results"]) == 31


def test_others_do_not_list_people(user):
    assert ask(user, "users/").status_code == 403
    assert ask(None, "users/").status_code == 401


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("search=BENN", {"ben"}),
        ("search=example.org", {"ben", "staff", "asleep"}),
        ("search=%25", set()),
        ("search=_", set()),
        ("is_active=false", {"asleep"}),
        ("is_active=true&search=e", {"ben", "staff"}),
        ("ordering=username&page_size=1", {"asleep"}),
        ("ordering=-username&page_size=1", {"staff"}),
    ],
)
def test_the_list_is_searched_filtered_and_ordered(user, staff, query, found):
    UserFactory(username="asleep", is_active=False)

    response = ask(staff, f"users/?{query}")

    assert {row["username"] for row in response.json()["results"]} == found


@pytest.mark.parametrize(
    "query", ["x=1", "is_active=maybe", "ordering=password", "ordering=email", "search=%00", "page_size=0", "cursor=x"]
)
def test_unknown_filters_values_and_orders_are_rejected(staff, query):
    response = ask(staff, f"users/?{query}")

    assert response.status_code == 400
    assert response["Content-Type"] == "application/problem+json"


def test_ended_accounts_are_not_shown(user, staff):
    send("profile/", {"password": "correct horse battery"}, method="delete", token=log_in(user)["access"])

    assert [row["username"] for row in ask(staff, "users/").json()["results"]] == ["staff"]
    assert ask(staff, f"users/{user.pk}/").status_code == 404


@pytest.mark.parametrize(("method", "path"), [("get", ""), ("patch", ""), ("put", ""), ("put", "update/")])
def test_who_may_show_and_change_a_person(user, staff, method, path):
    body = {"username": "ben", "email": "ben@example.org", "nickname": "Ben"}
    asked = {
        "self": ask(user, f"users/{user.pk}/{path}", body, method).status_code,
        "staff": ask(staff, f"users/{user.pk}/{path}", body, method).status_code,
        "stranger": ask(UserFactory(), f"users/{user.pk}/{path}", body, method).status_code,
        "nobody": ask(None, f"users/{user.pk}/{path}", body, method).status_code,
    }

    assert asked == {"self": 200, "staff": 200, "stranger": 404, "nobody": 401}


def test_a_stranger_learns_nothing_from_a_404(user):
    stranger = UserFactory()
    there, absent = ask(stranger, f"users/{user.pk}/").json(), ask(stranger, "users/999999/").json()

    for body in (there, absent):
        del body["request_id"], body["instance"]
    assert there == absent


def test_a_person_does_not_switch_themself_on_or_off_nor_rise(user):
    response = ask(user, f"users/{user.pk}/", {"is_active": False, "is_staff": True, "nickname": "B"}, "patch")

    assert response.status_code == 200  # known fields that are not theirs to write are ignored
    user.refresh_from_db()
    assert (user.is_active, user.is_staff, user.nickname) == (True, False, "B")


def test_staff_does_not_make_staff(user, staff):
    ask(staff, f"users/{user.pk}/", {"is_staff": True}, "patch")

    user.refresh_from_db()
    assert not user.is_staff


def test_staff_switches_an_account_off_and_on(user, staff):
    tokens = log_in(user)

    off = ask(staff, f"users/{user.pk}/", {"is_active": False}, "patch")
    assert (off.status_code, off.json()["is_active"]) == (200, False)
    assert not is_in(tokens["access"])

    on = ask(staff, f"users/{user.pk}/", {"is_active": True}, "patch")
    assert on.json()["is_active"] is True
    assert log_in(user)


def test_only_a_superuser_changes_staff(user, staff):
    other = UserFactory(is_staff=True)
    root = UserFactory(is_staff=True, is_superuser=True)

    for target in (other, root):
        response = ask(staff, f"users/{target.pk}/", {"email": "mine@example.org"}, "patch")
        assert (response.status_code, response.json()["code"]) == (403, "permission_denied")
        target.refresh_from_db()
        assert target.pending_email == ""
    assert ask(root, f"users/{other.pk}/", {"nickname": "x"}, "patch").status_code == 200


def test_put_needs_what_is_required_and_leaves_the_rest(user, staff):
    missing = ask(user, f"users/{user.pk}/", {"nickname": "B"}, "put")
    assert codes(missing) == {"/username": "required", "/email": "required"}

    response = ask(staff, f"users/{user.pk}/update/", {"username": "benn", "email": "ben@example.org"}, "put")

    assert response.status_code == 200
    body = response.json()
    assert (body["username"], body["nickname"], body["is_active"]) == ("benn", "Benny", True)


def test_a_form_that_leaves_out_is_active_does_not_switch_off(user, staff):
    from rest_framework.test import APIClient

    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {access_token_for(staff)}")
    body = {"username": "ben", "email": "ben@example.org"}

    assert client.put(f"/api/auth/users/{user.pk}/", body, format="multipart").status_code == 200
    user.refresh_from_db()
    assert user.is_active


@pytest.mark.parametrize("number", ["0", "999999999999999999", "99999999999999999999", "x", "-1"])
def test_what_is_no_person_is_not_found(staff, number):
    assert ask(staff, f"users/{number}/").status_code == 404


def test_nobody_is_deleted_through_this_route(user, staff):
    assert ask(staff, f"users/{user.pk}/", method="delete").status_code == 405
    assert User.objects.filter(pk=user.pk).exists()


# CONTRACT section 8, "Search": people are found by words as tasks are; a part of a name finds them too
@pytest.mark.parametrize(
    ("fields", "found", "missing"),
    [
        ({"nickname": "Anna-Lena Groß"}, ["lena", "GROSS", "gross ann", "a-len"], ["lena anne"]),
        ({"email": "anna.schmidt@firma.example"}, ["schmidt", "firma", "schmidt@firma", "hmid"], ["schmitt"]),
        ({"first_name": "花子", "last_name": "山田"}, ["花子", "山田", "山田 花子"], ["田花"]),
        ({"first_name": "Jose\u0301"}, ["josé", "JOSÉ"], ["jose"]),
    ],
)
def test_people_are_found_by_words_and_by_parts_in_every_script(staff, fields, found, missing):
    person = UserFactory(**{"username": "somebody", "email": "somebody@x.example"} | fields)

    def ids(text):
        return [row["id"] for row in ask(staff, f"users/?search={quote(text)}").json()["results"]]

    assert [text for text in found if ids(text) != [person.pk]] == []
    assert [text for text in missing if ids(text)] == []
