"""The text of a token, and what lets nobody in."""

from __future__ import annotations

import zlib
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.tokens import secrets
from apps.tokens.authentication import live_token
from apps.tokens.models import ApiToken
from apps.tokens.tests.factories import client_with, make_token, stored

WHO = "/api/auth/users/me/"


def test_tk5_a_token_has_43_characters_of_chance_and_a_checksum_of_six_over_all_before():
    text = secrets.make(12)

    assert text.startswith("thp_12_")
    assert len(text) == len("thp_12_") + 43 + 6
    number = 0
    for digit in text[-6:]:
        number = number * 62 + "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".index(digit)
    assert number == zlib.crc32(text[:-6].encode())
    assert secrets.read(text.encode()) == (12, secrets.digest(text.encode()))


def test_tk5_a_checksum_is_padded_to_six():
    assert secrets.checksum(b"") == "000000"


@pytest.mark.django_db
def test_tk5_a_wrong_checksum_is_known_without_a_query(owner, django_assert_num_queries):
    text = make_token(owner).text
    mistyped = text[:-10] + ("a" if text[-10] != "a" else "b") + text[-9:]

    for wrong in (mistyped, text[:-1], text + "0", "thp_", "thp_1_", f"thp_{'9' * 30}_{text[-49:]}", text.upper()):
        with django_assert_num_queries(0):
            response = client_with(wrong).get(WHO)
        assert (response.status_code, response.json()["code"]) == (401, "token_not_valid")
        assert response["WWW-Authenticate"] == 'Bearer realm="api"'


@pytest.mark.django_db
def test_tk5_unknown_revoked_and_expired_tokens_and_those_of_inactive_people_are_401(owner, member):
    made, theirs = make_token(owner), make_token(member)
    client, inactive = client_with(made.text), client_with(theirs.text)
    assert (client.get(WHO).status_code, inactive.get(WHO).status_code) == (200, 200)

    member.is_active = False
    member.save(update_fields=["is_active"])
    assert inactive.get(WHO).status_code == 401
    unknown = client_with(secrets.make(made.token.pk)).get(WHO)
    assert (unknown.status_code, unknown.json()["code"]) == (401, "token_not_valid")
    ApiToken.objects.filter(pk=made.token.pk).update(expires_at=timezone.now())
    assert client.get(WHO).status_code == 401
    ApiToken.objects.filter(pk=made.token.pk).update(
        expires_at=timezone.now() + timedelta(days=1), revoked_at=timezone.now()
    )
    assert client.get(WHO).status_code == 401


@pytest.mark.django_db
def test_tk5_one_query_finds_token_person_and_projects_and_the_database_has_the_digest_alone(
    owner, project, django_assert_num_queries
):
    made = make_token(owner, projects=[project])

    with django_assert_num_queries(1):
        token, projects = live_token(made.text.encode())
    assert (token.user.username, projects) == ("owner", [project.pk])
    row = stored(made)
    assert bytes(row.digest) == secrets.digest(made.text.encode())
    assert made.text not in repr(vars(row))
    assert row.hint == made.text[-4:]


@pytest.mark.django_db
def test_public_routes_ignore_a_token(owner):
    assert client_with("thp_nonsense").get("/api/").status_code == 200
    body = {"username": "owner", "password": "wrong"}
    assert client_with("thp_nonsense").post("/api/auth/login/", body).json()["code"] == "invalid_credentials"
