"""Contract 8, addresses: one form is stored and compared, by IDNA 2008, whoever writes it and wherever."""

from __future__ import annotations

import importlib
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client

from apps.common.monitoring.doctor import CHECKS
from apps.common.text.mail_addresses import BadAddressError, comparable_address, normal_address, readable_address
from apps.notifications.delivery import sender
from apps.users.models import LoginFailure, User
from apps.users.tests.factories import PASSWORD, UserFactory
from apps.users.tests.helpers import send

pytestmark = pytest.mark.django_db
migration = importlib.import_module("apps.users.migrations.0004_addresses_in_one_form")

FORMS = {
    "anna@straße.example": "anna@xn--strae-oqa.example",
    "anna@STRASSE.example": "anna@strasse.example",
    "anna@βόλος.example": "anna@xn--nxasmm1c.example",  # with ς: IDNA 2003 has xn--nxasmq6b
    "anna@bücher.example": "anna@xn--bcher-kva.example",
    "anna@BÜCHER.Example": "anna@xn--bcher-kva.example",
    "anna@bu\u0308cher.example": "anna@xn--bcher-kva.example",
    "anna@xn--bcher-kva.example": "anna@xn--bcher-kva.example",
    "anna@XN--BCHER-KVA.EXAMPLE": "anna@xn--bcher-kva.example",
    "anna@例え.テスト": "anna@xn--r8jz45g.xn--zckzah",
    "anna@例え。テスト": "anna@xn--r8jz45g.xn--zckzah",
    "anna@\uff45xample\uff0ecom": "anna@example.com",
    "anna@\u0646\u0627\u0645\u0647\u200c\u0627\u06cc.example": "anna@xn--mgba3gch31f060k.example",  # keeps the joiner
    "Anna.B+c@Example.ORG": "Anna.B+c@example.org",
    "\uff41\uff4e\uff4e\uff41@example.org": "anna@example.org",
    "\u212aate@example.org": "Kate@example.org",
}
NONE = [
    "", "anna", "anna@", "@example.org", "a@b@example.org", "anna@-bad.example", "anna@a..b", "anna@xn--a.example",
    "anna@xn--0.example", "anna@\u0300x.example", "anna@a\u200db.example", "anna@\u2603\ufe0f.example",
    "anna@" + "ü" * 64 + ".example", "anna@exa mple.org", "anna@exa\u00admple_x.org", "änna@example.org",
    "anna@\u05d0a.example", "anna@example", "anna@\ud800.example", "x" * 65 + "@" + "y" * 63 + ".example" * 30,
    "Bob <bob@example.org>", "a@example.org,b@example.org", "a@example.org\nBcc: x@example.org", '"a\x01b"@example.org',
    "anna@bücher.example\u202e", "anna@1\u0660.example",
]  # fmt: skip


@pytest.mark.parametrize(("given", "stored"), FORMS.items())
def test_real_case_16_an_address_has_one_form(given, stored):
    assert normal_address(given) == stored
    assert normal_address(stored) == stored
    assert comparable_address(readable_address(stored)) == stored


@pytest.mark.parametrize("given", NONE)
def test_real_case_16_what_is_no_address_is_rejected_and_never_crashes(given):
    with pytest.raises(BadAddressError):
        normal_address(given)

    assert comparable_address(given) == given
    assert given.isprintable() is False or not User.objects.named(given).exists()


@pytest.mark.parametrize("given", [text for text in NONE if text.isprintable()])
def test_real_case_16_registering_with_an_invalid_label_is_a_400(given):
    body = {"username": "anna", "email": given, "password": "a-Long-one-5512"}

    assert send("register/", body).status_code == 400
    assert not User.objects.exists()


def register(email, username="anna"):
    return send("register/", {"username": username, "email": email, "password": "a-Long-one-5512"})


def test_real_case_16_the_mail_goes_to_the_domain_with_sz(mailbox):
    assert register("sz1@straße.example").json()["email"] == "sz1@xn--strae-oqa.example"

    sender.deliver()

    assert mailbox.envelopes[-1][1] == ["sz1@xn--strae-oqa.example"]
    assert mailbox.mails[-1]["To"] == "sz1@xn--strae-oqa.example"


@pytest.mark.parametrize("first", ["anna@bücher.example", "anna@xn--bcher-kva.example"])
@pytest.mark.parametrize("second", ["anna@BÜCHER.example", "ANNA@xn--bcher-kva.EXAMPLE", "anna@bu\u0308cher.example"])
def test_real_case_16_one_mailbox_is_one_account(first, second):
    assert register(first).status_code == 201

    response = register(second, "other")

    assert response.json()["errors"][0]["code"] == "unique"
    assert User.objects.count() == 1


SPELLINGS = ["anna@bücher.example", "anna@xn--bcher-kva.example", "Anna@BÜCHER.Example", "anna@bu\u0308cher.example"]


@pytest.fixture
def anna():
    return UserFactory(username="anna", email="anna@bücher.example")


def test_real_case_16_what_the_code_itself_stores_is_in_normal_form(anna):
    User.objects.filter(pk=anna.pk).update(pending_email="b@straße.example")
    anna.refresh_from_db()

    assert (anna.email, anna.pending_email) == ("anna@xn--bcher-kva.example", "b@xn--strae-oqa.example")


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("field", ["username", "email"])
def test_real_case_16_the_login_takes_every_spelling(anna, spelling, field):
    assert send("login/", {field: spelling, "password": PASSWORD}).status_code == 200


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_real_case_16_the_reset_finds_every_spelling_and_writes_to_the_stored_one(anna, mailbox, spelling):
    assert send("password-reset/", {"email": spelling}).status_code == 202

    sender.deliver()

    assert mailbox.envelopes[-1][1] == ["anna@xn--bcher-kva.example"]


def test_real_case_16_a_lock_out_counts_all_spellings_of_an_unknown_address():
    for spelling in SPELLINGS:
        send("login/", {"email": spelling, "password": "wrong"})

    assert LoginFailure.objects.get().count == len(SPELLINGS)


# A capital before the @ may be another mailbox: that is a change.
@pytest.mark.parametrize("spelling", [spelling for spelling in SPELLINGS if not spelling.startswith("A")])
def test_real_case_16_the_present_address_in_other_letters_is_no_change(api, anna, spelling):
    response = api(anna).patch("/api/auth/profile/", {"email": spelling})

    assert (response.status_code, response.json()["pending_email"]) == (200, "")


def test_real_case_16_a_new_address_is_waited_for_in_normal_form(api, anna):
    response = api(anna).patch("/api/auth/profile/", {"email": "anna@straße.example"})

    assert response.json()["pending_email"] == "anna@xn--strae-oqa.example"


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_real_case_16_a_member_is_found_by_every_spelling(api, owner, project, anna, spelling):
    response = api(owner).post(f"/api/projects/{project.pk}/members/", {"email": spelling})

    assert (response.status_code, response.json()["user"]["id"]) == (201, anna.pk)


@pytest.fixture
def browser(staff):
    staff.is_superuser = True
    staff.save()
    client = Client()
    assert client.login(username=staff.username, password=PASSWORD)
    return client


def test_real_case_16_the_admin_stores_and_compares_the_normal_form(browser, anna):
    form = {"username": "bert", "email": "bert@straße.example", "password1": "a-Long-one-5512"}
    form["password2"] = form["password1"]
    taken = form | {"username": "carl", "email": "ANNA@bücher.example"}
    broken = form | {"username": "carl", "email": "carl@xn--a.example"}

    assert browser.post("/admin/users/user/add/", form).status_code == 302
    for bad in (taken, broken):
        assert browser.post("/admin/users/user/add/", bad).status_code == 200

    assert User.objects.get(username="bert").email == "bert@xn--strae-oqa.example"
    assert not User.objects.filter(username="carl").exists()


def test_real_case_16_the_commands_store_the_normal_form(settings):
    settings.ADMIN_USERNAME, settings.ADMIN_EMAIL, settings.ADMIN_PASSWORD = "root", "r@bücher.example", "a-Long-1-5512"

    call_command("create_admin", stdout=StringIO())
    User.objects.create_superuser("super", "s@straße.example", "x")

    assert User.objects.get(username="root").email == "r@xn--bcher-kva.example"
    assert User.objects.get(username="super").email == "s@xn--strae-oqa.example"


def test_real_case_16_the_field_of_the_model_is_what_commands_ask_with():
    field = User._meta.get_field("email")

    assert field.clean("a@bücher.example", None) == "a@xn--bcher-kva.example"
    with pytest.raises(ValidationError):
        field.clean("a@xn--a.example", None)


def stored_raw(user, email):
    """Store an address as versions before this one did."""
    with connection.cursor() as cursor:
        cursor.execute("UPDATE users_user SET email = %s WHERE id = %s", [email, user.pk])


def email_of(user):
    with connection.cursor() as cursor:
        cursor.execute("SELECT email FROM users_user WHERE id = %s", [user.pk])
        return cursor.fetchone()[0]


def test_real_case_16_stored_addresses_are_brought_into_normal_form_and_collisions_named(caplog):
    plain, sharp, first, second, odd = (UserFactory() for _ in range(5))
    stored_raw(sharp, "a@straße.example")
    stored_raw(first, "b@xn--bcher-kva.example")
    stored_raw(second, "B@bücher.example")
    stored_raw(odd, "c@\u2603\ufe0f.example")
    before = email_of(plain)

    before_it = MigrationExecutor(connection).loader.project_state(("users", "0003_taken_messages"))
    migration.normalize(before_it.apps, None)

    assert email_of(plain) == before
    assert email_of(sharp) == "a@xn--strae-oqa.example"
    assert email_of(second) == "B@bücher.example"
    assert email_of(odd) == "c@\u2603\ufe0f.example"
    assert f"Account {second.pk} keeps its address as it is: account {first.pk}" in caplog.text
    assert send("login/", {"username": second.username, "password": PASSWORD}).status_code == 200
    assert "b@" not in caplog.text.lower().replace("account", "")
    (finding,) = CHECKS["accounts"]()
    assert str(second.pk) in finding.text


def test_doctor_finds_nothing_where_each_address_is_one_account(anna):
    (finding,) = CHECKS["accounts"]()

    assert finding.level == "ok"
