"""The built-in pages behind the links in account mails."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from apps.users.credentials.signed_links import PASSWORD_RESET, VERIFICATION
from apps.users.models import User
from apps.users.tests.factories import PASSWORD, UserFactory
from apps.users.tests.helpers import is_in, log_in

pytestmark = pytest.mark.django_db

NEW = "another long secret"


@pytest.fixture
def user():
    return UserFactory(username="ben", email_verified_at=None)


@pytest.fixture
def browser():
    """A browser that must bring the form's token along."""
    return Client(enforce_csrf_checks=True)


def press(browser, url, **fields):
    """Open the page, then press its button as a browser does."""
    page = browser.get(url)
    assert page.status_code == 200
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.content.decode())
    return browser.post(url, {"csrfmiddlewaretoken": token.group(1), **fields})


def verify_url(user):
    return f"/verify-email/{VERIFICATION.sign(user)}/"


def reset_url(user):
    return f"/password-reset/{PASSWORD_RESET.sign(user)}/"


def test_opening_the_verification_page_does_nothing_and_its_button_verifies(user, browser):
    url = verify_url(user)
    browser.get(url)
    user.refresh_from_db()
    assert not user.is_verified

    response = press(browser, url)

    assert response.status_code == 200
    assert "your address is confirmed" in response.content.decode()
    user.refresh_from_db()
    assert user.is_verified


def test_a_used_link_says_so(user, browser):
    url = verify_url(user)
    press(browser, url)

    response = press(browser, url)

    assert response.status_code == 400
    assert "used already" in response.content.decode()
    assert b"<form" not in response.content  # the button would never work
    assert b'href="/settings/"' in response.content


def test_a_link_for_a_password_that_is_over_leads_to_a_new_one(user, browser):
    url = reset_url(user)
    user.set_password("another long secret")
    user.save(update_fields=["password"])

    response = press(browser, url, new_password=NEW, new_password_confirm=NEW)

    assert response.status_code == 400
    assert b'name="new_password"' not in response.content
    assert b'href="/password-reset/"' in response.content


def test_without_pages_a_link_that_is_over_leads_to_none_of_them(user, browser, settings):
    settings.PAGES = False
    url = verify_url(user)
    press(browser, url)

    response = press(browser, url)

    assert b'href="/settings/"' not in response.content
    assert b'href="/"' in response.content


def test_an_address_that_somebody_else_has_is_said(user, browser):
    User.objects.filter(pk=user.pk).update(pending_email="wanted@example.org")
    user.refresh_from_db()
    UserFactory(email="wanted@example.org")

    response = press(browser, verify_url(user))

    assert response.status_code == 409
    assert "Somebody else has this address" in response.content.decode()


def test_opening_the_reset_page_does_nothing_and_its_form_sets_the_password(user, browser):
    tokens = log_in(user)
    url = reset_url(user)
    browser.get(url)
    user.refresh_from_db()
    assert user.check_password(PASSWORD)

    response = press(browser, url, new_password=NEW, new_password_confirm=NEW)

    assert response.status_code == 200
    user.refresh_from_db()
    assert user.check_password(NEW)
    assert not is_in(tokens["access"])


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"new_password": NEW, "new_password_confirm": "other"}, "The two passwords differ."),
        ({"new_password": "short", "new_password_confirm": "short"}, "too short"),
        ({}, "This field is required."),
        ({"new_password": "x" * 300, "new_password_confirm": "x" * 300}, "at most 256"),
    ],
)
def test_a_rejected_password_is_explained_and_changes_nothing(user, browser, fields, said):
    response = press(browser, reset_url(user), **fields)

    assert response.status_code == 400
    assert said in response.content.decode()
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


@pytest.mark.parametrize("url", [verify_url, reset_url])
def test_a_form_without_its_token_does_nothing(user, browser, url):
    response = browser.post(url(user), {"new_password": NEW, "new_password_confirm": NEW})

    assert response.status_code == 403
    user.refresh_from_db()
    assert (user.is_verified, user.check_password(PASSWORD)) == (False, True)


@pytest.mark.parametrize("url", [verify_url, reset_url])
def test_pages_are_not_kept_and_run_no_script(user, browser, url):
    response = browser.get(url(user))

    assert "no-store" in response["Cache-Control"]
    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert "'unsafe-inline'" not in response["Content-Security-Policy"].partition("script-src")[2].partition(";")[0]
    html = response.content.decode()
    assert "<script" not in html
    assert " on" not in re.sub(r">[^<]*<", "><", html).replace(" one", "")


@pytest.mark.parametrize("path", ["/verify-email/", "/password-reset/"])
def test_a_forged_link_shows_its_page_and_does_nothing(path, browser):
    fields = {"new_password": NEW, "new_password_confirm": NEW}

    response = press(browser, f"{path}<b>forged:x:y/", **fields)

    assert response.status_code == 400
    assert "<b>forged" not in response.content.decode()


def test_a_front_end_of_its_own_gets_the_links(user, browser, settings):
    settings.FRONTEND_URL = "https://app.example.org"
    url = verify_url(user)

    response = browser.get(url)

    assert (response.status_code, response["Location"]) == (302, f"https://app.example.org{url}")
    user.refresh_from_db()
    assert not user.is_verified


def test_tries_are_limited(user, browser, settings):
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"token": "1/60"}

    answers = [press(browser, "/verify-email/x/").status_code for _ in range(2)]

    assert answers == [400, 429]
