"""POST logout/: by access token or by refresh token."""

from __future__ import annotations

import pytest

from apps.notifications.tests.assertions import kinds_sent_to
from apps.users.models import Session
from apps.users.tests.factories import UserFactory
from apps.users.tests.helpers import is_in, log_in, refresh, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return UserFactory()


def test_logging_out_ends_the_session_for_both_tokens(user):
    mine, other = log_in(user), log_in(user)

    response = send("logout/", token=mine["access"])

    assert (response.status_code, response.content) == (204, b"")
    assert not is_in(mine["access"])
    assert refresh(mine["refresh"]).json()["code"] == "session_revoked"
    assert is_in(other["access"])
    assert Session.objects.filter(revoked_reason=Session.Reason.LOGOUT).count() == 1
    assert kinds_sent_to(user) == []


@pytest.mark.parametrize("access", [None, "stale.access.token"])
def test_a_refresh_token_in_the_body_is_enough(user, access):
    mine = log_in(user)

    assert send("logout/", {"refresh": mine["refresh"]}, token=access).status_code == 204
    assert not is_in(mine["access"])


def test_the_refresh_token_says_which_session_when_both_are_given(user):
    mine, other = log_in(user), log_in(user)

    assert send("logout/", {"refresh": other["refresh"]}, token=mine["access"]).status_code == 204
    assert is_in(mine["access"])
    assert not is_in(other["access"])


def test_nobody_cannot_log_out():
    response = send("logout/")

    assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_a_second_logout_is_a_401(user):
    mine = log_in(user)
    send("logout/", token=mine["access"])

    assert send("logout/", token=mine["access"]).status_code == 401
    assert send("logout/", {"refresh": mine["refresh"]}).status_code == 401


def test_an_access_token_is_no_refresh_token(user):
    mine = log_in(user)

    assert send("logout/", {"refresh": mine["access"]}).status_code == 401
    assert is_in(mine["access"])
