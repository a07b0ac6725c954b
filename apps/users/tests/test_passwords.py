"""Contract 8, comparing text: passwords are normalised (NFC, RFC 8265) before hashing and checking."""

from __future__ import annotations

from io import StringIO

import pytest
from django.contrib.auth.hashers import check_password, make_password
from django.core.management import call_command
from django.test import Client
from rest_framework.test import APIClient

from apps.users.models import User
from apps.users.passwords import normal_password
from apps.users.tests.factories import UserFactory
from apps.users.tests.helpers import send, token_in_mail

pytestmark = pytest.mark.django_db

COMPOSED = "pässwörd-señor-5512"
DECOMPOSED = "pa\u0308sswo\u0308rd-sen\u0303or-5512"
PAIRS = {
    "accents": (COMPOSED, DECOMPOSED),
    "hangul": ("비밀번호-길고-안전한", "".join(map(chr, [
        0x1107, 0x1175, 0x1106, 0x1175, 0x11AF, 0x1107, 0x1165, 0x11AB, 0x1112, 0x1169])) + "-길고-안전한"),
    "spaces": ("a long secret with spaces", "a\u00a0long\u3000secret\u2003with\u202fspaces"),
    "angstrom": ("\u00e5ngstr\u00f6m-unit-77", "\u212bngstro\u0308m-unit-77".replace("\u212b", "a\u030a")),
}  # fmt: skip


def log_in(username, password):
    return send("login/", {"username": username, "password": password}).status_code


def register(password, **more):
    body = {"username": "anna", "email": "anna@example.org", "password": password} | more
    return send("register/", body)


@pytest.mark.parametrize(("one", "other"), PAIRS.values(), ids=PAIRS)
def test_contract_8_a_password_is_the_same_however_the_keyboard_composes_it(one, other):
    assert normal_password(one) == normal_password(other)
    assert register(one).status_code == 201

    assert log_in("anna", one) == log_in("anna", other) == 200
    assert log_in("anna", f"{one}x") == 401


@pytest.mark.parametrize(("one", "other"), PAIRS.values(), ids=PAIRS)
def test_contract_8_the_other_way_round_too(one, other):
    assert register(other, password_confirm=one).status_code == 201

    assert log_in("anna", one) == log_in("anna", other) == 200


@pytest.mark.parametrize("difference", ["full width", "ligature", "case", "leading space"])
def test_contract_8_nothing_else_is_the_same(difference):
    given, other = {
        "full width": ("a-Long-one-5512", "\uff41-Long-one-5512"),
        "ligature": ("fine-and-long-5512", "\ufb01ne-and-long-5512"),
        "case": ("a-Long-one-5512", "a-long-one-5512"),
        "leading space": ("a-Long-one-5512", " a-Long-one-5512"),
    }[difference]
    register(given)

    assert (log_in("anna", given), log_in("anna", other)) == (200, 401)


def test_contract_8_a_hash_from_before_still_works_and_is_made_anew():
    user = UserFactory(password=make_password(DECOMPOSED))

    assert log_in(user.username, COMPOSED) == 401
    assert log_in(user.username, DECOMPOSED) == 200

    user.refresh_from_db()
    assert check_password(COMPOSED, user.password)
    assert log_in(user.username, COMPOSED) == log_in(user.username, DECOMPOSED) == 200


def test_contract_8_a_hash_that_was_replaced_meanwhile_stays():
    user = UserFactory(password=make_password(DECOMPOSED))
    stale = User.objects.get(pk=user.pk)
    user.set_password("something-else-5512")
    user.save()

    assert stale.check_password(DECOMPOSED)

    user.refresh_from_db()
    assert user.check_password("something-else-5512")


def test_contract_8_a_change_takes_either_form_of_the_old_and_keeps_the_new_in_one(api):
    user = UserFactory(password=make_password(DECOMPOSED))
    body = {"old_password": DECOMPOSED, "new_password": f"{DECOMPOSED}-2", "new_password_confirm": f"{COMPOSED}-2"}

    assert api(user).post("/api/auth/change-password/", body).status_code == 204

    assert log_in(user.username, f"{COMPOSED}-2") == 200


def test_contract_8_a_reset_and_its_page_normalise_too():
    user = UserFactory()
    send("password-reset/", {"email": user.email})
    form = {"new_password": COMPOSED, "new_password_confirm": DECOMPOSED}

    page = Client().post(f"/password-reset/{token_in_mail(user, 'password_reset')}/", form)

    assert page.status_code == 200
    assert log_in(user.username, DECOMPOSED) == log_in(user.username, COMPOSED) == 200


def test_contract_8_an_account_is_closed_with_either_form(api):
    user = UserFactory(password=make_password(COMPOSED))

    assert api(user).delete("/api/auth/profile/", {"password": DECOMPOSED}).status_code == 204


def test_contract_8_the_rules_for_new_passwords_see_the_normal_form():
    # Eight characters decomposed, four composed
    errors = register("a\u0308o\u0308u\u0308e\u0301").json()["errors"]

    assert "password_too_short" in {error["code"] for error in errors}


def test_contract_8_the_commands_normalise(settings):
    settings.ADMIN_USERNAME, settings.ADMIN_EMAIL, settings.ADMIN_PASSWORD = "root", "root@example.org", DECOMPOSED
    call_command("create_admin", stdout=StringIO())
    User.objects.create_superuser("super", "super@example.org", DECOMPOSED)

    for name in ("root", "super"):
        assert check_password(COMPOSED, User.objects.get(username=name).password)


def test_contract_8_the_admin_normalises_everywhere():
    root = UserFactory(is_staff=True, is_superuser=True, password=make_password(COMPOSED))
    other = UserFactory()
    browser = Client()

    login = {"username": root.username, "password": DECOMPOSED, "next": "/admin/"}
    assert browser.post("/admin/login/", login).status_code == 302
    both = {"password1": DECOMPOSED, "password2": COMPOSED}
    new = {"username": "bert", "email": "bert@example.org"} | both
    assert browser.post("/admin/users/user/add/", new).status_code == 302
    assert (
        browser.post(f"/admin/users/user/{other.pk}/password/", both | {"usable_password": "true"}).status_code == 302
    )
    own = {"old_password": DECOMPOSED, "new_password1": f"{DECOMPOSED}-2", "new_password2": f"{COMPOSED}-2"}
    assert browser.post("/admin/password_change/", own).status_code == 302

    for name, password in (("bert", COMPOSED), (other.username, COMPOSED), (root.username, f"{COMPOSED}-2")):
        assert check_password(password, User.objects.get(username=name).password)


def test_an_unknown_account_costs_as_many_hashes_as_a_known_one(monkeypatch):
    user = UserFactory(password=make_password(COMPOSED))
    made = []
    monkeypatch.setattr("django.contrib.auth.hashers.MD5PasswordHasher.encode", lambda *given: made.append(1) or "x")

    counts = []
    for name in (user.username, "nobody"):
        made.clear()
        APIClient().post("/api/auth/login/", {"username": name, "password": f"{DECOMPOSED}x"})
        counts.append(len(made))

    assert counts == [2, 2]
