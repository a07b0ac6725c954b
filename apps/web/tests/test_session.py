"""PG1: the cookie of the pages stands for a row of the table of sessions, and for nothing else."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from apps.users import services
from apps.users.models import Session
from apps.users.tests.factories import PASSWORD, UserFactory
from apps.users.tests.helpers import log_in
from apps.users.tests.tokens import access_token_for
from apps.web.tests.browser import Browser

pytestmark = pytest.mark.django_db
COOKIE = "taskhouse_session"


@pytest.fixture
def user():
    return UserFactory(username="mara")


def is_in(browser):
    return browser.open("/projects/").status_code == 200


def test_pg1_a_login_opens_a_row_that_holds_the_digest_of_the_cookie(user):
    browser = Browser()
    browser.open("/login/")

    answer = browser.send("/login/", username="mara", password=PASSWORD)

    cookie = answer.cookies[COOKIE]
    session = Session.objects.get(user=user)
    assert (answer.status_code, answer["Location"]) == (303, "/")
    assert bytes(session.cookie_digest) == hashlib.sha256(cookie.value.encode()).digest()
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert is_in(browser)


def test_pg1_the_session_is_listed_by_the_api_and_ends_when_it_is_revoked_there(user):
    browser = Browser(user)
    api = APIClient()
    api.credentials(HTTP_AUTHORIZATION=f"Bearer {log_in(user)['access']}")
    listed = api.get("/api/auth/sessions/").json()["results"]
    [page_session] = [each for each in listed if not each["is_current"]]

    api.delete(f"/api/auth/sessions/{page_session['id']}/")

    assert browser.open("/projects/").status_code == 302


def test_pg1_the_api_never_accepts_the_cookie_and_pages_no_token(user):
    browser = Browser(user)

    assert browser.open("/api/projects/").status_code == 401
    stranger = Browser()
    answer = stranger.open("/projects/", Authorization=f"Bearer {access_token_for(user)}")
    assert (answer.status_code, answer["Location"]) == (302, "/login/?next=%2Fprojects%2F")


@pytest.mark.parametrize("act", ["password", "deactivated", "deleted", "elsewhere"])
def test_pg1_what_ends_a_session_ends_it_at_the_next_request(user, act):
    browser = Browser(user)
    assert is_in(browser)

    if act == "password":
        services.set_password(user=user, password="another long secret")
    elif act == "deactivated":
        services.set_active(actor=UserFactory(is_staff=True, is_superuser=True), user=user, is_active=False)
    elif act == "deleted":
        services.anonymise(user=user)
    else:
        services.end_sessions(user=user, reason=Session.Reason.REVOKED)

    assert not is_in(browser)


def test_pg1_it_idles_out_like_a_session_and_use_keeps_it(user, settings):
    browser = Browser(user)
    idle = settings.SIMPLE_JWT["REFRESH_TOKEN_LIFETIME"]
    with time_machine.travel(timezone.now() + idle - timedelta(hours=1)):
        assert is_in(browser)
    with time_machine.travel(timezone.now() + idle + timedelta(hours=1)):
        assert is_in(browser)
    with time_machine.travel(timezone.now() + 3 * idle):
        assert not is_in(browser)


def test_pg1_it_ends_with_its_lifetime_however_often_it_is_used(user, settings):
    browser = Browser(user)
    start = timezone.now()
    for days in range(10, settings.SESSION_LIFETIME.days, 10):
        with time_machine.travel(start + timedelta(days=days)):
            assert is_in(browser)
    with time_machine.travel(start + settings.SESSION_LIFETIME + timedelta(minutes=1)):
        assert not is_in(browser)


def test_pg1_each_login_has_a_new_value_and_ends_the_one_before_in_this_browser(user):
    browser = Browser(user)
    first = browser.client.cookies[COOKIE].value
    browser.post("/login/", username="mara", password=PASSWORD)

    assert browser.client.cookies[COOKIE].value != first
    assert is_in(browser)
    browser.client.cookies[COOKIE] = first
    assert not is_in(browser)


def test_pg1_logout_ends_the_row_and_takes_the_cookie_away(user):
    browser = Browser(user)
    browser.open("/projects/")

    answer = browser.send("/logout/")

    assert (answer.status_code, answer["Location"]) == (303, "/login/")
    assert answer.cookies[COOKIE].value == ""
    assert Session.objects.get(user=user).revoked_reason == "logout"


@pytest.mark.parametrize("value", ["", "x", "é", "a" * 43, "a" * 5000, "../" * 20])
def test_pg1_a_cookie_that_nobody_was_given_is_nobody(user, value):
    browser = Browser()
    browser.client.cookies[COOKIE] = value

    assert browser.open("/projects/").status_code == 302


def test_pg1_wrong_credentials_are_422_with_one_answer_for_all_reasons(user):
    UserFactory(username="gone", is_active=False)
    said = set()
    for name, password in [("mara", "wrong"), ("nobody", "wrong"), ("gone", PASSWORD)]:
        browser = Browser()
        browser.open("/login/")
        answer = browser.send("/login/", username=name, password=password)
        assert answer.status_code == 422
        said.add(browser.page.xpath("string(//*[@role='alert'])"))

    assert len(said) == 1
    assert "do not belong together" in said.pop()
    assert Session.objects.count() == 0


def test_pg1_the_lock_out_is_that_of_the_api_and_429(user, settings):
    browser = Browser()
    browser.open("/login/")
    for _ in range(settings.LOGIN_FAILURES):
        assert browser.send("/login/", username="mara", password="wrong").status_code == 422

    locked = browser.send("/login/", username="mara", password=PASSWORD)
    assert locked.status_code == 429
    assert int(locked["Retry-After"]) > 0
    answer = APIClient().post("/api/auth/login/", {"username": "mara", "password": PASSWORD})
    assert answer.json()["code"] == "too_many_failures"


def test_pg1_the_throttle_is_that_of_the_api(user, settings):
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"login": "1/60"}
    APIClient().post("/api/auth/login/", {"username": "mara", "password": "wrong"})
    browser = Browser()
    browser.open("/login/")

    answer = browser.send("/login/", username="mara", password=PASSWORD)

    assert answer.status_code == 429
    assert int(answer["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("asked", "led"),
    [
        ("/projects/?archived=true", "/projects/?archived=true"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("javascript:alert(1)", "/"),
        ("/\r\nSet-Cookie: a=b", "/"),
        ("/projects/\n?a", "/"),
        ("/projects/\t?a", "/"),
        ("", "/"),
    ],
)
def test_pg2_the_login_leads_to_own_paths_only(user, asked, led):
    browser = Browser()
    browser.open("/login/")

    answer = browser.send("/login/", username="mara", password=PASSWORD, next=asked)

    assert (answer.status_code, answer["Location"]) == (303, led)


@pytest.mark.parametrize(
    ("referer", "next_page"),
    [
        ("http://testserver/projects/?page_size=5#x", "next=%2Fprojects%2F%3Fpage_size%3D5&"),
        ("http://elsewhere.example/projects/", ""),
        ("http://testserver//elsewhere.example/", ""),
        ("http://[", ""),
        ("", ""),
    ],
)
def test_pg2_an_act_without_a_session_leads_back_to_the_page_it_was_sent_from(referer, next_page):
    answer = Client().post("/trash/empty/", headers={"referer": referer})

    assert (answer.status_code, answer["Location"]) == (302, f"/login/?{next_page}ended=1")
    browser = Browser()
    browser.open(answer["Location"])
    assert "You have been signed out, and nothing was changed." in browser.text
    browser.open("/login/")
    assert "You have been signed out" not in browser.text


def test_pg2_where_one_wanted_to_go_is_kept_by_the_form(user):
    browser = Browser()
    answer = browser.open("/search/?search=two words")
    browser.open(answer["Location"])

    answer = browser.send("/login/", username="mara", password=PASSWORD)

    assert answer["Location"] == "/search/?search=two%20words"


def test_pg2_where_one_wanted_to_go_is_kept_by_a_new_account(user):
    browser = Browser()
    browser.open(browser.open("/search/?search=two words")["Location"])
    [register] = [each for each in browser.links() if each.startswith("/register/")]
    browser.open(register)
    assert "/login/?next=%2Fsearch%2F%3Fsearch%3Dtwo%2520words" in browser.links()

    answer = browser.send(
        "/register/", username="new", email="new@example.org", password=PASSWORD, password_confirm=PASSWORD
    )

    assert answer["Location"] == "/search/?search=two%20words"
    assert "evil" not in Browser().open("/register/?next=//evil.example/").content.decode()


def test_pg3_a_form_without_its_token_is_rejected_and_says_so(user):
    browser = Browser(user)

    answer = browser.client.post("/projects/new/", {"name": "Nothing"})

    assert answer.status_code == 403
    assert "form has expired" in answer.content.decode()


def test_registration_opens_the_account_and_a_session():
    browser = Browser()
    browser.open("/register/")

    answer = browser.send(
        "/register/", username="new", email="new@example.org", password=PASSWORD, password_confirm=PASSWORD
    )

    assert answer.status_code == 303
    assert "confirm the address" in browser.follow().content.decode()


def test_pg3_a_rejected_registration_is_422_with_the_reasons_at_the_fields(user):
    browser = Browser()
    browser.open("/register/")

    answer = browser.send("/register/", username="mara", email="x", password="short", password_confirm="other")

    assert answer.status_code == 422
    page = browser.page
    for name in ("email", "password_confirm"):
        field = page.xpath(f"//*[@name='{name}']")[0]
        assert field.get("aria-invalid") == "true"
        assert page.xpath(f"//*[@id='{field.get('aria-describedby').split()[-1]}']")[0].text_content().strip()


def test_a_forgotten_password_gets_the_same_answer_with_and_without_an_account(user):
    answers = []
    for email in (user.email, "nobody@example.org"):
        browser = Browser()
        browser.open("/password-reset/")
        browser.send("/password-reset/", email=email)
        answers.append(browser.follow().content)

    assert answers[0] == answers[1]
    assert b"a mail with a link is on its way" in answers[0]
