"""Unsubscribing with one click (RFC 8058) and by the page."""

from __future__ import annotations

import pytest
from django.core.signing import Signer
from django.test import Client

from apps.notifications import unsubscribe
from apps.notifications.tests.kinds_for_tests import AccountPoked, Poked
from apps.users.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(owner):
    return unsubscribe.path(unsubscribe.make_token(user_id=owner.pk, address=owner.email, kind=Poked))


@pytest.fixture
def browser():
    return Client(enforce_csrf_checks=True)


def test_a_mail_program_s_post_switches_the_kind_off_without_login(browser, path, owner):
    answer = browser.post(path, "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded")

    assert answer.status_code == 200
    owner.refresh_from_db()
    assert owner.notification_preferences == {"poked": {"email": False}}


def test_again_is_no_error_and_other_choices_stay(browser, path, owner):
    User.objects.filter(pk=owner.pk).update(
        notification_preferences={"poked": {"in_app": False}, "quietly_poked": {"email": True}}
    )

    for _ in range(2):
        assert browser.post(path).status_code == 200

    owner.refresh_from_db()
    assert owner.notification_preferences == {
        "poked": {"in_app": False, "email": False},
        "quietly_poked": {"email": True},
    }


def test_opening_the_link_shows_a_button_and_changes_nothing(browser, path, owner):
    answer = browser.get(path)

    assert answer.status_code == 200
    assert b'<form method="post">' in answer.content
    assert b"Somebody poked you" in answer.content
    assert answer["Referrer-Policy"] == "no-referrer"
    owner.refresh_from_db()
    assert owner.notification_preferences == {}


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_other_methods_are_rejected(browser, path, method):
    assert getattr(browser, method)(path).status_code == 405


def forged(owner):
    return [
        "nonsense",
        Signer(salt="other").sign_object([owner.pk, "poked", "x"]),
        Signer(salt=unsubscribe.SALT).sign_object([owner.pk, "gone", unsubscribe._digest(owner.email)]),
        Signer(salt=unsubscribe.SALT).sign_object(["x"]),
        Signer(salt=unsubscribe.SALT).sign_object([owner.pk, ["poked"], "x"]),
        unsubscribe.make_token(user_id=owner.pk, address=owner.email, kind=AccountPoked),
        unsubscribe.make_token(user_id=owner.pk, address=owner.email, kind=Poked)[:-1] + "x",
        "%00",
    ]


@pytest.mark.parametrize("number", range(8))
def test_a_forged_token_acts_on_nobody(browser, owner, number):
    path = unsubscribe.path(forged(owner)[number])

    assert browser.get(path).status_code == 404
    assert browser.post(path).status_code == 404
    owner.refresh_from_db()
    assert owner.notification_preferences == {}


@pytest.mark.parametrize("change", [{"email": "new@example.org"}, {"is_active": False}])
def test_the_token_dies_with_the_address_and_the_account(browser, path, owner, change):
    User.objects.filter(pk=owner.pk).update(**change)

    assert browser.post(path).status_code == 404
    owner.refresh_from_db()
    assert owner.notification_preferences == {}


def test_real_case_14_the_one_click_post_acts_without_the_last_slash_too(browser, path, owner):
    answer = browser.post(
        path.rstrip("/"), "List-Unsubscribe=One-Click", content_type="application/x-www-form-urlencoded"
    )

    assert answer.status_code == 200
    owner.refresh_from_db()
    assert owner.notification_preferences == {"poked": {"email": False}}


def test_an_unsubscribe_link_from_before_the_change_still_works(owner):
    User.objects.filter(pk=owner.pk).update(email="anna@bücher.example")
    token = unsubscribe.make_token(user_id=owner.pk, address="anna@bücher.example", kind=Poked)

    assert unsubscribe.read_token(token).user_id == owner.pk
