"""CONTRACT section 8, "Comparing text": sign-in, look-ups of people and uniqueness compare one normal form."""

from __future__ import annotations

import importlib
from types import SimpleNamespace

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from apps.projects.models import Membership
from apps.projects.tests.factories import ProjectFactory
from apps.users.models import LoginFailure, User
from apps.users.services.attempts import account_of
from apps.users.tests.factories import PASSWORD, UserFactory
from apps.users.tests.helpers import codes, log_in, send

pytestmark = pytest.mark.django_db

# Names of which the second is the first in another form
PAIRS = [
    ("straße", "STRASSE"),
    ("José", "jose\u0301"),
    ("JOSE\u0301", "josé"),
    ("ben", "\uff22\uff25\uff2e"),
    ("Οδυσσεύς", "ΟΔΥΣΣΕΎΣ"),
    ("ﬁna", "FINA"),
    ("мария", "МАРИЯ"),
    ("が", "\u304b\u3099"),
    ("हिन्दी", "हिन्दी"),
    ("กิตติ", "กิตติ"),
    ("Ångström", "ÅNGSTRÖM"),
]


def register(username, email="new@example.org"):
    return send("register/", {"username": username, "email": email, "password": "a long enough secret"})


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_a_name_is_taken_in_every_form_and_stored_as_it_was_sent(first, second):
    response = register(first, "first@example.org")

    assert response.status_code == 201, response.json()
    assert response.json()["username"] == first
    assert User.objects.get().username == first
    assert codes(register(second)) == {"/username": "unique"}


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_a_person_logs_in_with_every_form_of_the_name(first, second):
    user = UserFactory(username=first)
    for identifier in (first, second):
        for field in ("username", "email"):
            response = send("login/", {field: identifier, "password": PASSWORD})
            assert response.status_code == 200
            assert response.json()["user"]["id"] == user.pk


@pytest.mark.parametrize(("first", "second"), PAIRS)
def test_the_database_has_the_last_word(first, second):
    UserFactory(username=first)
    with pytest.raises(IntegrityError), transaction.atomic():
        UserFactory(username=second)


def test_addresses_are_taken_in_every_form():
    register("ben", "Ben@Example.org")

    assert codes(register("other", "ben@example.ORG")) == {"/email": "unique"}
    assert send("login/", {"email": "\uff42en\uff20example.org", "password": "a long enough secret"}).status_code == 200


def test_an_address_whose_letters_only_look_like_others_is_the_same():
    """U+017F and U+212A pass for letters of an address where case is ignored."""
    UserFactory(username="ben", email="sk@example.org")

    assert codes(register("other", "\u017f\u212a@example.org")) in ({"/email": "unique"}, {"/email": "invalid"})


def test_a_name_cannot_be_changed_to_a_form_of_anothers_but_of_the_own():
    UserFactory(username="straße")
    user = UserFactory(username="ben")
    token = log_in(user)["access"]

    rejected = send("profile/", {"username": "STRASSE"}, method="patch", token=token)
    taken = send("profile/", {"username": "BEN"}, method="patch", token=token)

    assert codes(rejected) == {"/username": "unique"}
    assert (taken.status_code, taken.json()["username"]) == (200, "BEN")


def test_failures_of_a_name_nobody_has_count_together_in_every_form():
    assert account_of(None, "straße") == account_of(None, "STRASSE") != account_of(None, "strase")


def test_failures_of_an_account_count_together_in_every_form():
    UserFactory(username="straße")
    for identifier in ("straße", "STRASSE", "\uff53trasse", "STRAẞE", "strasse"):
        assert send("login/", {"username": identifier, "password": "wrong"}).status_code == 401

    assert send("login/", {"username": "Straße", "password": PASSWORD}).status_code == 429
    assert LoginFailure.objects.count() == 1


def test_the_admin_knows_and_keeps_every_form():
    root = UserFactory(username="Wurzelstraße", is_staff=True, is_superuser=True)
    other = UserFactory(username="jose\u0301", email="j@example.org")
    browser = Client()
    browser.post("/admin/login/?next=/admin/", {"username": "WURZELSTRASSE", "password": PASSWORD})
    page = browser.get(f"/admin/users/user/{other.pk}/change/")
    form = page.context["adminform"].form
    fields = {name: form.initial.get(name) for name in form.fields}
    fields = {name: value for name, value in fields.items() if value not in (None, False, [])}

    answer = browser.post(f"/admin/users/user/{other.pk}/change/", fields | {"nickname": "J"})
    taken = browser.post(
        "/admin/users/user/add/",
        {"username": "JOSÉ", "email": "k@example.org", "password1": "a long secret 1", "password2": "a long secret 1"},
    )

    assert answer.status_code == 302, answer.context and answer.context["adminform"].form.errors
    other.refresh_from_db()
    assert (other.username, other.nickname) == ("jose\u0301", "J")
    assert "This username is taken." in taken.content.decode()
    assert User.objects.count() == 2
    assert root.pk


@pytest.mark.parametrize("name", ["STRASSE", "strasse", "\uff33traße"])
def test_members_are_added_by_every_form_of_their_name(api, name):
    project = ProjectFactory()
    user = UserFactory(username="straße")

    response = api(project.owner).post(f"/api/projects/{project.pk}/members/", {"username": name})

    assert response.status_code == 201, response.json()
    assert Membership.objects.filter(project=project, user=user).exists()


@pytest.mark.parametrize("name", ["\u0301a", "\u3164", "a\u00adb", "a\ufe0f", "ﷺ", "\uff20", "a\u200db", "①/"])
def test_a_name_may_neither_hide_nor_fake_characters(name):
    assert codes(register(name)) == {"/username": "invalid_username"}


@pytest.mark.parametrize("name", ["deleted-0123456789abcdef", "Deleted-0123456789ABCDEF", "deleted-０123456789abcdef"])
def test_nobody_takes_a_name_as_deleted_accounts_have_it(name):
    assert codes(register(name)) == {"/username": "invalid_username"}
    assert register("deleted-by-me").status_code == 201


def test_accounts_that_become_one_stop_the_migration_by_name():
    migration = importlib.import_module("apps.users.migrations.0005_names_in_normal_form")
    editor = SimpleNamespace(connection=connection)
    migration.require_unique(None, editor)
    with connection.cursor() as cursor:  # all of it is rolled back
        cursor.execute("DROP INDEX user_username_unique_in_normal_form")
    first = UserFactory(username="straße", email="a@example.org")
    second = UserFactory(username="STRASSE", email="b@example.org")

    with pytest.raises(RuntimeError, match=f"{first.pk} straße, {second.pk} STRASSE"):
        migration.require_unique(None, editor)
