"""POST password-reset/ and password-reset/confirm/."""

from __future__ import annotations

from datetime import timedelta
from time import perf_counter

import pytest
import time_machine
from django.utils import timezone

from apps.notifications.models import Notification
from apps.notifications.tests.assertions import kinds_sent_to
from apps.users.credentials.signed_links import VERIFICATION
from apps.users.models import User
from apps.users.tests.factories import PASSWORD, UserFactory
from apps.users.tests.helpers import codes, is_in, log_in, newest_mail, send, token_in_mail

pytestmark = pytest.mark.django_db

NEW = "another long secret"


@pytest.fixture
def user():
    return UserFactory(username="ben", email="ben@example.org")


def ask(email="ben@example.org", **headers):
    return send("password-reset/", {"email": email}, **headers)


def confirm(token, **body):
    return send("password-reset/confirm/", {"token": token, "new_password": NEW} | body)


def test_the_answer_is_the_same_for_any_address_and_takes_as_long(user):
    UserFactory(email="asleep@example.org", is_active=False)
    seen = []
    for email in ("ben@example.org", "BEN@example.org", "nobody@example.org", "asleep@example.org"):
        started = perf_counter()
        response = ask(email)
        seen.append((response.status_code, response.content, perf_counter() - started >= 0.1))

    assert seen == [(202, b"", True)] * 4
    assert set(Notification.objects.values_list("recipient", flat=True)) == {user.pk}


def test_the_link_sets_a_new_password_and_ends_all_sessions(user):
    tokens = log_in(user)
    ask()

    response = confirm(token_in_mail(user, "password_reset"), new_password_confirm=NEW)

    assert (response.status_code, response.content) == (204, b"")
    assert not is_in(tokens["access"])
    assert log_in(user, NEW)
    assert kinds_sent_to(user) == ["password_reset", "password_changed"]


def test_the_ledger_holds_no_token(user):
    ask()

    row = Notification.objects.get(recipient=user)
    token = token_in_mail(user, "password_reset")
    assert token not in str(row.data)
    assert set(row.data) == {"state"}
    assert confirm(row.data["state"]).status_code == 400


def test_the_link_works_once(user):
    ask()
    token = token_in_mail(user, "password_reset")
    confirm(token)

    response = confirm(token, new_password="a third long secret")

    assert (response.status_code, codes(response)) == (400, {"/token": "invalid_token"})
    user.refresh_from_db()
    assert user.check_password(NEW)


def test_all_links_die_when_the_password_changes(user):
    ask()
    token = token_in_mail(user, "password_reset")
    body = {"old_password": PASSWORD, "new_password": "a third long secret"}
    send("change-password/", body, token=log_in(user)["access"])

    assert confirm(token).status_code == 400
    assert newest_mail(user, "password_reset")[2] != ""


def test_a_link_dies_when_the_address_changes(user):
    ask()
    token = token_in_mail(user, "password_reset")
    User.objects.filter(pk=user.pk).update(email="new@example.org")

    assert confirm(token).status_code == 400


def test_the_link_lives_one_hour(user):
    ask()
    token = token_in_mail(user, "password_reset")
    now = timezone.now()

    with time_machine.travel(now + timedelta(hours=1, seconds=2)):
        assert confirm(token).status_code == 400
    with time_machine.travel(now + timedelta(minutes=59)):
        assert confirm(token).status_code == 204


def test_a_link_for_another_purpose_is_rejected(user):
    assert codes(confirm(VERIFICATION.sign(user))) == {"/token": "invalid_token"}


def test_a_weak_password_leaves_the_link_good(user):
    ask()
    token = token_in_mail(user, "password_reset")

    response = confirm(token, new_password="short")

    assert (response.status_code, codes(response)) == (400, {"/new_password": "password_too_short"})
    assert confirm(token).status_code == 204


def test_a_repetition_that_differs_is_rejected(user):
    ask()

    response = confirm(token_in_mail(user, "password_reset"), new_password_confirm="other")

    assert codes(response) == {"/new_password_confirm": "password_mismatch"}


def test_a_reset_opens_a_lock(user):
    for _ in range(6):
        send("login/", {"username": "ben", "password": "wrong"})
    ask()

    confirm(token_in_mail(user, "password_reset"))

    assert log_in(user, NEW)


def test_one_mailbox_is_not_flooded_from_many_addresses(user):
    answers = [ask(REMOTE_ADDR=f"203.0.113.{number}").status_code for number in range(14)]

    assert answers == [202] * 14
    assert Notification.objects.filter(recipient=user).count() <= 10


def test_one_address_cannot_ask_without_end(settings):
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"mail": "2/3600"}

    assert [ask().status_code for _ in range(3)] == [202, 202, 429]


@pytest.mark.parametrize("email", ["", "no address", None, 7])
def test_what_is_no_address_is_a_400(email):
    assert ask(email).status_code == 400
