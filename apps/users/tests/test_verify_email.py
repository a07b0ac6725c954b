"""POST verify-email/ and verify-email/resend/; a new address counts once it is verified."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from apps.notifications.tests.assertions import kinds_sent_to
from apps.users.credentials.signed_links import PASSWORD_RESET, VERIFICATION
from apps.users.models import User
from apps.users.tests.factories import UserFactory
from apps.users.tests.helpers import codes, log_in, newest_mail, send, token_in_mail

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return UserFactory(username="ben", email="ben@example.org", email_verified_at=None)


@pytest.fixture
def token(user):
    """The token of the mail that `user` gets on asking."""
    assert send("verify-email/resend/", token=log_in(user)["access"]).status_code == 202
    return token_in_mail(user, "verification")


def verify(token):
    return send("verify-email/", {"token": token})


def wish(user, email):
    return send("profile/", {"email": email}, method="patch", token=log_in(user)["access"])


def test_the_link_verifies_the_address(user, token):
    response = verify(token)

    assert (response.status_code, response.content) == (204, b"")
    user.refresh_from_db()
    assert user.is_verified


def test_the_link_works_once(user, token):
    verify(token)

    response = verify(token)

    assert (response.status_code, codes(response)) == (400, {"/token": "invalid_token"})


def test_the_link_lives_three_days(user, token):
    now = timezone.now()
    with time_machine.travel(now + timedelta(days=3, seconds=2)):
        assert codes(verify(token)) == {"/token": "invalid_token"}
    with time_machine.travel(now + timedelta(days=2, hours=23)):
        assert verify(token).status_code == 204


@pytest.mark.parametrize(
    "change", [lambda t: t + "x", lambda t: t[:-1], lambda t: "x", lambda t: "ü:ö:ä", lambda t: ""]
)
def test_a_forged_link_is_rejected(user, token, change):
    assert verify(change(token)).status_code == 400
    user.refresh_from_db()
    assert not user.is_verified


def test_a_link_for_another_purpose_is_rejected(user):
    assert codes(verify(PASSWORD_RESET.sign(user))) == {"/token": "invalid_token"}


def test_a_link_of_an_account_that_was_switched_off_is_rejected(user, token):
    User.objects.filter(pk=user.pk).update(is_active=False)

    assert verify(token).status_code == 400


def test_no_mail_is_sent_again_to_a_verified_address():
    user = UserFactory()

    assert send("verify-email/resend/", token=log_in(user)["access"]).status_code == 202
    assert kinds_sent_to(user) == []


def test_mails_sent_again_are_limited(user, settings):
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"mail": "2/3600"}
    token = log_in(user)["access"]

    answers = [send("verify-email/resend/", token=token).status_code for _ in range(3)]

    assert answers == [202, 202, 429]


def test_nobody_asks_for_a_mail():
    assert send("verify-email/resend/").status_code == 401


def test_a_new_address_waits_until_it_is_verified(user):
    response = wish(user, "New@Example.ORG")

    assert response.status_code == 200
    body = response.json()
    assert (body["email"], body["pending_email"]) == ("ben@example.org", "New@example.org")
    assert kinds_sent_to(user) == ["verification", "email_change"]
    assert newest_mail(user, "verification")[1] == "New@example.org"
    assert newest_mail(user, "email_change")[1] == "ben@example.org"

    assert verify(token_in_mail(user, "verification")).status_code == 204

    user.refresh_from_db()
    assert (user.email, user.pending_email, user.is_verified) == ("New@example.org", "", True)
    words, address, _ = newest_mail(user, "email_change")
    assert address == "ben@example.org"
    assert words.title == "Your e-mail address was changed"


def test_another_wish_makes_the_first_link_worthless(user):
    wish(user, "first@example.org")
    first = token_in_mail(user, "verification")
    wish(user, "second@example.org")

    assert verify(first).status_code == 400
    assert verify(token_in_mail(user, "verification")).status_code == 204
    user.refresh_from_db()
    assert user.email == "second@example.org"


def test_a_mail_that_waited_while_the_wish_changed_is_not_sent(user):
    wish(user, "first@example.org")
    wish(user, "ben@example.org")  # taken back

    user.refresh_from_db()
    assert user.pending_email == ""
    assert newest_mail(user, "verification")[2] != ""


def test_a_taken_address_cannot_be_wished(user):
    UserFactory(email="cy@example.org")

    response = wish(user, "CY@example.org")

    assert (response.status_code, codes(response)) == (400, {"/email": "unique"})
    user.refresh_from_db()
    assert user.pending_email == ""
    assert kinds_sent_to(user) == []


def test_who_verifies_an_address_first_has_it(user):
    wish(user, "wanted@example.org")
    token = token_in_mail(user, "verification")
    UserFactory(email="WANTED@example.org")

    response = verify(token)

    assert (response.status_code, response.json()["code"]) == (409, "email_taken")
    user.refresh_from_db()
    assert user.email == "ben@example.org"


def test_wishes_are_limited_as_mails_are(user, settings):
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"mail": "2/3600"}

    answers = [wish(user, f"a{number}@example.org").status_code for number in range(3)]

    assert answers == [200, 200, 429]


def test_the_state_of_one_person_does_not_sign_for_another(user):
    other = UserFactory(email_verified_at=None)

    assert VERIFICATION.state(user) != VERIFICATION.state(other)
