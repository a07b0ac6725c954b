"""GET and PATCH profile/, GET users/me/."""

from __future__ import annotations

import pytest

from apps.users.tests.factories import UserFactory
from apps.users.tests.helpers import codes, log_in, send
from apps.users.tests.tokens import access_token_for

pytestmark = pytest.mark.django_db

FIELDS = {
    "id",
    "username",
    "email",
    "pending_email",
    "nickname",
    "first_name",
    "last_name",
    "avatar",
    "timezone",
    "is_verified",
    "notification_preferences",
    "reminder_lead_minutes",
    "single_keys",
    "theme",
    "language",
    "created_at",
    "updated_at",
}


@pytest.fixture
def user():
    return UserFactory(username="ben", email="ben@example.org", nickname="Ben")


@pytest.fixture
def token(user):
    return access_token_for(user)


def change(token, **body):
    return send("profile/", body, method="patch", token=token)


@pytest.mark.parametrize("path", ["profile/", "users/me/"])
def test_the_profile_shows_the_own_data_with_two_queries(user, token, path, django_assert_num_queries):
    with django_assert_num_queries(2):  # the caller, and the preferences that no other request needs
        response = send(path, method="get", token=token)

    body = response.json()
    assert set(body) == FIELDS
    assert (body["id"], body["email"], body["avatar"], body["timezone"]) == (user.pk, "ben@example.org", None, "UTC")
    assert body["created_at"].endswith("Z")
    assert body["notification_preferences"]["task_created"] == {"email": False, "in_app": True}
    assert response["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize("method", ["patch", "delete", "post", "put"])
def test_the_alias_only_shows(token, method):
    assert send("users/me/", {}, method=method, token=token).status_code == 405


def test_a_change_touches_only_what_is_sent(user, token):
    response = change(token, nickname="  Benny ", timezone="Europe/Berlin", reminder_lead_minutes=0)

    assert response.status_code == 200
    body = response.json()
    assert (body["nickname"], body["timezone"], body["reminder_lead_minutes"]) == ("Benny", "Europe/Berlin", 0)
    assert body["email"] == "ben@example.org"
    updated = user.updated_at
    user.refresh_from_db()
    assert user.nickname == "Benny"
    assert user.updated_at > updated


def test_an_empty_change_changes_nothing(user, token):
    updated = user.updated_at

    assert change(token).status_code == 200
    user.refresh_from_db()
    assert user.updated_at == updated


def test_the_profile_as_it_was_read_can_be_sent_back(user, token):
    user.avatar = "avatars/old.webp"
    user.save(update_fields=["avatar"])
    read = send("profile/", method="get", token=token).json()

    response = change(token, **read)

    assert response.status_code == 200
    assert response.json() | {"updated_at": ""} == read | {"updated_at": ""}


@pytest.mark.parametrize("field", ["id", "is_verified", "pending_email", "created_at", "updated_at"])
def test_read_only_fields_are_ignored(token, field):
    before = send("profile/", method="get", token=token).json()

    assert change(token, **{field: "2001-01-01T00:00:00Z"}).json() == before


@pytest.mark.parametrize("field", ["is_staff", "is_superuser", "is_active", "password", "groups", "deleted_at", "x"])
def test_fields_that_are_not_of_the_profile_are_rejected(user, token, field):
    response = change(token, **{field: True})

    assert (response.status_code, codes(response)) == (400, {f"/{field}": "unknown_field"})
    user.refresh_from_db()
    assert (user.is_staff, user.is_superuser, user.is_active) == (False, False, True)


def test_the_username_can_be_changed_and_its_case_too(user, token):
    assert change(token, username="Ben").json()["username"] == "Ben"
    assert change(token, username="benny").json()["username"] == "benny"


def test_a_taken_username_is_rejected(user, token):
    UserFactory(username="Cy")

    response = change(token, username="cY", nickname="Other")

    assert (response.status_code, codes(response)) == (400, {"/username": "unique"})
    user.refresh_from_db()
    assert (user.username, user.nickname) == ("ben", "Ben")


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("timezone", "Mars/Olympus", "invalid_timezone"),
        ("timezone", "../../etc/passwd", "invalid_timezone"),
        ("timezone", "localtime", "invalid_timezone"),
        ("timezone", "", "blank"),
        ("timezone", None, "null"),
        ("timezone", 5, "invalid"),
        ("reminder_lead_minutes", -1, "min_value"),
        ("reminder_lead_minutes", 20161, "max_value"),
        ("reminder_lead_minutes", 10**30, "max_value"),
        ("reminder_lead_minutes", "soon", "invalid"),
        ("reminder_lead_minutes", None, "null"),
        ("theme", "pink", "invalid_choice"),
        ("theme", None, "null"),
        ("language", "fr", "invalid_choice"),
        ("language", None, "null"),
        ("single_keys", "perhaps", "invalid"),
        ("single_keys", None, "null"),
        ("nickname", "a\u202eb", "invalid_characters"),
        ("nickname", "x" * 81, "max_length"),
        ("first_name", 7, "invalid"),
        ("last_name", None, "null"),
        ("username", "a@b", "invalid_username"),
        ("email", "no address", "invalid"),
        ("email", "x" * 250 + "@example.org", "max_length"),
        ("avatar", "https://example.org/a.png", "invalid"),
        ("avatar", 7, "invalid"),
        ("notification_preferences", [], "invalid"),
        ("notification_preferences", "all", "invalid"),
    ],
)
def test_what_is_not_valid_is_rejected_and_changes_nothing(user, token, field, value, code):
    before = send("profile/", method="get", token=token).json()

    response = change(token, **{field: value})

    assert response.status_code == 400
    assert codes(response)[f"/{field}"] == code
    assert send("profile/", method="get", token=token).json() == before


def test_preferences_are_merged(token):
    change(token, notification_preferences={"task_updated": {"email": False}})
    change(token, notification_preferences={"task_updated": {"in_app": False}, "task_created": {"email": True}})

    shown = change(token, notification_preferences={}).json()["notification_preferences"]
    assert shown["task_updated"] == {"email": False, "in_app": False}
    assert shown["task_created"] == {"email": True, "in_app": True}
    assert shown["task_assigned"] == {"email": True, "in_app": True}


@pytest.mark.parametrize(
    ("patch", "pointer"),
    [
        ({"nonsense": {"email": True}}, "/notification_preferences/nonsense"),
        ({"task_updated": {"sms": True}}, "/notification_preferences/task_updated/sms"),
        ({"task_updated": {"email": "yes"}}, "/notification_preferences/task_updated/email"),
        ({"verification": {"email": False}}, "/notification_preferences/verification"),
        ({"password_reset": {"email": False}}, "/notification_preferences/password_reset"),
    ],
)
def test_account_mails_and_unknown_kinds_cannot_be_chosen(user, token, patch, pointer):
    response = change(token, notification_preferences=patch)

    assert response.status_code == 400
    assert pointer in codes(response)
    user.refresh_from_db()
    assert user.notification_preferences == {}


def test_two_changes_at_once_keep_both(user, token):
    other = log_in(user)["access"]
    change(token, notification_preferences={"task_updated": {"email": False}})
    change(other, nickname="Benny")

    body = send("profile/", method="get", token=token).json()
    assert body["nickname"] == "Benny"
    assert body["notification_preferences"]["task_updated"]["email"] is False


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_nobody_has_no_profile(method):
    response = send("profile/", {}, method=method)

    assert (response.status_code, response.json()["code"]) == (401, "not_authenticated")


def test_pg16_the_looks_of_the_pages_are_part_of_the_profile(user, token):
    shown = send("profile/", method="get", token=token).json()
    assert (shown["single_keys"], shown["theme"], shown["language"]) == (True, "system", "")

    body = change(token, single_keys=False, theme="dark", language="de").json()

    assert (body["single_keys"], body["theme"], body["language"]) == (False, "dark", "de")
    user.refresh_from_db()
    assert (user.single_keys, user.theme, user.language) == (False, "dark", "de")
    assert change(token, language="").json()["language"] == ""
