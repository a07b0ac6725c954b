"""POST change-password/."""

from __future__ import annotations

import pytest

from apps.notifications.tests.assertions import kinds_sent_to
from apps.users.tests.factories import PASSWORD, UserFactory
from apps.users.tests.helpers import codes, is_in, log_in, refresh, send

pytestmark = pytest.mark.django_db

NEW = "another long secret"


@pytest.fixture
def user():
    return UserFactory(username="benjaminbraun")


def change(token, **body):
    return send("change-password/", {"old_password": PASSWORD, "new_password": NEW} | body, token=token)


def test_a_new_password_counts_and_ends_every_other_session(user):
    other, here = log_in(user), log_in(user)

    response = change(here["access"], new_password_confirm=NEW)

    assert (response.status_code, response.content) == (204, b"")
    assert (is_in(here["access"]), is_in(other["access"])) == (True, False)
    assert refresh(here["refresh"]).status_code == 200
    assert send("login/", {"username": user.username, "password": PASSWORD}).status_code == 401
    assert log_in(user, NEW)
    assert kinds_sent_to(user) == ["password_changed"]


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"old_password": "wrong"}, "/old_password", "wrong_password"),
        ({"new_password": "short"}, "/new_password", "password_too_short"),
        ({"new_password": "benjaminbraun"}, "/new_password", "password_too_similar"),
        ({"new_password_confirm": "other"}, "/new_password_confirm", "password_mismatch"),
        ({"new_password": "x" * 300}, "/new_password", "max_length"),
        ({"unknown": 1}, "/unknown", "unknown_field"),
    ],
)
def test_a_rejected_change_changes_nothing(user, body, pointer, code):
    other, here = log_in(user), log_in(user)

    response = change(here["access"], **body)

    assert (response.status_code, codes(response)) == (400, {pointer: code})
    user.refresh_from_db()
    assert user.check_password(PASSWORD)
    assert is_in(other["access"])
    assert kinds_sent_to(user) == []


def test_the_old_password_cannot_be_guessed_with_a_stolen_token(user):
    here = log_in(user)
    for _ in range(5):
        assert change(here["access"], old_password="guess").status_code == 400

    response = change(here["access"])

    assert (response.status_code, response.json()["code"]) == (429, "too_many_failures")
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_nobody_changes_a_password():
    assert change(None).status_code == 401
