"""Making, listing, renaming and revoking API tokens."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.common.api.token_scopes import SCOPES
from apps.tokens.models import ApiToken
from apps.tokens.tests.factories import client_with, make_token, script, stored
from apps.users.models import LoginFailure
from apps.users.tests.factories import PASSWORD

pytestmark = pytest.mark.django_db

URL = "/api/auth/tokens/"
NEW = {"name": "ci", "scopes": ["tasks:read"], "password": PASSWORD}


def codes(response):
    return {error["pointer"]: error["code"] for error in response.json()["errors"]}


def test_a_token_is_made_and_shown_once(api, owner, project):
    response = api(owner).post(URL, NEW | {"projects": [project.pk, project.pk]})

    assert response.status_code == 201
    body = response.json()
    text = body.pop("token")
    row = ApiToken.objects.get()
    assert body == {
        "id": row.pk,
        "name": "ci",
        "scopes": ["tasks:read"],
        "all_projects": False,
        "projects": [project.pk],
        "hint": text[-4:],
        "created_at": body["created_at"],
        "expires_at": body["expires_at"],
        "last_used_at": None,
        "last_used_ip": None,
        "previous_valid_until": None,
    }
    assert row.expires_at - row.created_at == timedelta(days=90)
    assert response["Cache-Control"] == "no-store"
    assert client_with(text).get("/api/tasks/").status_code == 200
    (listed,) = api(owner).get(URL).json()["results"]
    assert "token" not in listed
    assert api(owner).get(f"{URL}{row.pk}/").json() == listed


@pytest.mark.parametrize(("name", "count"), [("read_only", 6), ("full", 13)])
def test_read_only_and_full_are_spelled_out(api, owner, name, count):
    response = api(owner).post(URL, NEW | {"scopes": [name, "tasks:read"], "all_projects": True})

    scopes = response.json()["scopes"]
    assert len(scopes) == count
    assert scopes == [scope for scope in SCOPES if scope in scopes]
    assert name == "full" or all(scope.endswith(":read") for scope in scopes)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, {"": "exactly_one"}),
        ({"projects": []}, {"": "exactly_one"}),
        ({"projects": ["own"], "all_projects": True}, {"": "exactly_one"}),
        ({"projects": ["foreign", "own"]}, {"/projects/0": "does_not_exist"}),
        ({"projects": ["own"] * 101}, {"/projects": "max_length"}),
        ({"all_projects": True, "scopes": []}, {"/scopes": "empty"}),
        ({"all_projects": True, "scopes": ["tasks:read", "tasks:all"]}, {"/scopes/1": "invalid_choice"}),
        ({"all_projects": True, "name": ""}, {"/name": "blank"}),
        ({"all_projects": True, "name": "x" * 81}, {"/name": "max_length"}),
        ({"all_projects": True, "expires_at": 367}, {"/expires_at": "max_value"}),
        ({"all_projects": True, "expires_at": -1}, {"/expires_at": "min_value"}),
        ({"all_projects": True, "password": "wrong"}, {"/password": "wrong_password"}),
        ({"all_projects": True, "hint": "abcd"}, {"/hint": "unknown_field"}),
    ],
)
def test_a_rejected_token_is_not_made(api, owner, project, outsider, body, expected):
    places = {"own": project.pk, "foreign": outsider.owned_projects.get().pk}
    body = NEW | body
    if "projects" in body:
        body["projects"] = [places[name] for name in body["projects"]]
    if "expires_at" in body:
        body["expires_at"] = (timezone.now() + timedelta(days=body["expires_at"])).isoformat()

    response = api(owner).post(URL, body)

    assert (response.status_code, codes(response)) == (400, expected)
    assert not ApiToken.objects.exists()


def test_tk6_a_wrong_password_counts_as_a_failed_login_with_an_idempotency_key_too(api, owner, settings):
    settings.LOGIN_FAILURES = 3
    body = NEW | {"all_projects": True, "password": "wrong"}

    assert api(owner).post(URL, body).status_code == 400
    assert api(owner).post(URL, body, headers={"Idempotency-Key": "k"}).status_code == 400
    assert LoginFailure.objects.get().count == 2
    assert api(owner).post(URL, body).status_code == 400
    locked = api(owner).post(URL, body | {"password": PASSWORD})
    assert (locked.status_code, locked.json()["code"]) == (429, "too_many_failures")


def test_tk6_nobody_has_more_than_tokens_max_live_tokens(api, owner, settings):
    settings.TOKENS_MAX = 2
    first, _ = make_token(owner), make_token(owner)

    response = api(owner).post(URL, NEW | {"all_projects": True})
    assert (response.status_code, response.json()["code"], response.json()["limit"]) == (409, "too_many_tokens", 2)

    api(owner).delete(f"{URL}{first.token.pk}/")
    assert api(owner).post(URL, NEW | {"all_projects": True}).status_code == 201


def test_a_token_is_renamed_and_nothing_else(api, owner):
    made = make_token(owner, scopes=["tasks:read"])
    url = f"{URL}{made.token.pk}/"

    response = api(owner).patch(url, {"name": "nightly", "scopes": ["full"], "token": "thp_"})

    assert (response.status_code, response.json()["name"]) == (200, "nightly")
    assert stored(made).scopes == ["tasks:read"]
    assert codes(api(owner).patch(url, {"user": 1})) == {"/user": "unknown_field"}


def test_the_list_has_the_live_ones_newest_first(api, owner, member):
    old, new, ended, expired = (make_token(owner).token for _ in range(4))
    make_token(member)
    api(owner).delete(f"{URL}{ended.pk}/")
    ApiToken.objects.filter(pk=expired.pk).update(expires_at=timezone.now())

    assert [row["id"] for row in api(owner).get(URL).json()["results"]] == [new.pk, old.pk]
    by_age = api(owner).get(URL, {"ordering": "created_at"}).json()["results"]
    assert [row["id"] for row in by_age] == [old.pk, new.pk]


def test_somebody_elses_token_is_404(api, owner, member):
    url = f"{URL}{make_token(owner).token.pk}/"

    client = api(member)
    assert client.get(url).status_code == 404
    assert client.patch(url, {"name": "mine"}).status_code == 404
    assert client.delete(url).status_code == 404
    assert client.post(f"{url}rotate/", {"password": PASSWORD}).status_code == 404
    assert ApiToken.objects.get().revoked_at is None


@pytest.mark.parametrize("path", ["", "{id}/", "{id}/rotate/"])
def test_a_token_makes_no_tokens(owner, path):
    made = make_token(owner)
    url = URL + path.format(id=made.token.pk)

    for method in ("get", "post", "patch", "delete"):
        response = getattr(client_with(made.text), method)(url, NEW | {"all_projects": True})
        if response.status_code != 405:
            assert (response.status_code, response.json()["code"]) == (403, "not_for_tokens")
    assert ApiToken.objects.count() == 1


def test_options_say_nothing_to_tokens_here(owner):
    assert script(owner).options(URL).status_code == 403
