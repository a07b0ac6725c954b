"""POST register/."""

from __future__ import annotations

import pytest

from apps.notifications.tests.assertions import kinds_sent_to
from apps.projects.models import Project
from apps.users.models import User
from apps.users.tests.factories import UserFactory
from apps.users.tests.helpers import codes, newest_mail, send

pytestmark = pytest.mark.django_db

BODY = {"username": "ben", "email": "ben@example.org", "password": "a long secret of mine"}


def register(**changes):
    return send("register/", BODY | changes)


def test_a_new_account_is_answered_as_its_profile():
    response = register(nickname="Benny", first_name="Ben", password_confirm=BODY["password"])

    assert response.status_code == 201
    body = response.json()
    assert (body["username"], body["email"], body["nickname"]) == ("ben", "ben@example.org", "Benny")
    assert body["is_verified"] is False
    assert "password" not in response.content.decode()
    assert User.objects.get(pk=body["id"]).check_password(BODY["password"])


def test_a_new_account_has_its_inbox_and_is_asked_to_verify_the_address():
    user = User.objects.get(pk=register().json()["id"])

    assert Project.objects.filter(owner=user, is_inbox=True).count() == 1
    assert kinds_sent_to(user) == ["verification"]
    words, address, rejection = newest_mail(user, "verification")
    assert (address, rejection) == ("ben@example.org", "")
    assert words.path.startswith("/verify-email/")


@pytest.mark.parametrize(
    ("taken", "pointer"),
    [({"username": "BEN", "email": "other@example.org"}, "/username"), ({"email": "BEN@Example.ORG"}, "/email")],
)
def test_a_name_or_address_that_differs_only_in_case_is_taken(taken, pointer):
    UserFactory(username="ben" if pointer == "/username" else "other", email="ben@example.org")

    response = register(**taken)

    assert (response.status_code, codes(response)) == (400, {pointer: "unique"})
    assert User.objects.count() == 1


@pytest.mark.parametrize(
    "name",
    [
        "with@sign",
        "with space",
        " ",
        "",
        "tab\tname",
        "nul\x00",
        "right\u202eleft",
        "zero\u200bwidth",
        "li\u2028ne",
        "a/b",
        "<b>",
        "x" * 151,
        7,
        None,
        ["a"],
        {"a": 1},
    ],
)
def test_a_username_with_anything_but_letters_digits_and_a_few_signs_is_rejected(name):
    response = register(username=name)

    assert response.status_code == 400
    assert not User.objects.exists()


def test_a_name_is_kept_as_it_was_sent_and_taken_in_every_form():
    assert register(username="\uff42\uff45\uff4e").json()["username"] == "\uff42\uff45\uff4e"
    assert codes(register(username="ben", email="other@example.org")) == {"/username": "unique"}


@pytest.mark.parametrize(
    "email",
    [
        "none", "a@b", "a b@example.org", "a@example.org\nBcc: x@y.org", "", 5, None,
        "a@[127.0.0.1]", f"a@{60 * chr(252)}.example",
    ],
)  # fmt: skip
def test_what_is_no_address_is_rejected(email):
    assert register(email=email).status_code == 400
    assert not User.objects.exists()


@pytest.mark.parametrize("name", ["a\u202eb", "a\x07b", "a\u2029b", "\ufeffa", "x" * 81])
def test_a_shown_name_may_not_rewrite_the_text_around_it(name):
    assert "/nickname" in codes(register(nickname=name)) or register(nickname=name).status_code == 400
    assert not User.objects.exists()


def test_a_shown_name_may_be_in_any_script():
    assert register(nickname="नमस्ते 👩\u200d💻 שלום").status_code == 201


@pytest.mark.parametrize(
    ("password", "code"),
    [
        ("short", "password_too_short"),
        ("12345678901", "password_entirely_numeric"),
        ("password", "password_too_common"),
    ],
)
def test_a_weak_password_is_rejected_with_the_validators_code(password, code):
    response = register(password=password)

    assert response.status_code == 400
    assert code in {error["code"] for error in response.json()["errors"]}
    assert not User.objects.exists()


def test_a_password_like_the_name_is_rejected():
    assert codes(register(username="benjaminbraun", password="benjaminbraun")) == {"/password": "password_too_similar"}


def test_a_repetition_that_differs_is_rejected():
    assert codes(register(password_confirm="something else")) == {"/password_confirm": "password_mismatch"}
    assert not User.objects.exists()


def test_spaces_in_a_password_count():
    secret = "  a long secret with spaces  "
    user = User.objects.get(pk=register(password=secret).json()["id"])

    assert user.check_password(secret)


@pytest.mark.parametrize("field", ["is_staff", "is_superuser", "is_active", "id", "groups"])
def test_privileges_cannot_be_registered(field):
    assert codes(register(**{field: True})) == {f"/{field}": "unknown_field"}
    assert not User.objects.exists()


@pytest.mark.parametrize("field", ["username", "email", "password"])
def test_what_is_required_is_said(field):
    body = {name: value for name, value in BODY.items() if name != field}

    assert codes(send("register/", body)) == {f"/{field}": "required"}


def test_registrations_from_one_address_are_limited(settings):
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"register": "2/3600"}
    for number in range(2):
        assert register(username=f"ben{number}", email=f"ben{number}@example.org").status_code == 201

    response = register(username="ben3", email="ben3@example.org")

    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    assert User.objects.count() == 2
