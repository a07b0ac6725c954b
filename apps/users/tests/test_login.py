"""POST login/ and its alias /api/token/: good, rejected, locked out."""

from __future__ import annotations

from datetime import timedelta
from time import perf_counter

import pytest
import time_machine
from django.conf import settings as django_settings
from django.utils import timezone

from apps.projects.models import Project
from apps.users.models import LoginFailure, Session
from apps.users.tests.factories import PASSWORD, UserFactory
from apps.users.tests.helpers import codes, is_in, log_in, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return UserFactory(username="Ben", email="ben@example.org")


def attempt(password="wrong", identifier="Ben", **headers):
    return send("login/", {"username": identifier, "password": password}, **headers)


@pytest.mark.parametrize("route", ["login/", "/api/token/"])
@pytest.mark.parametrize("field", ["username", "email"])
@pytest.mark.parametrize("value", ["Ben", "BEN", "ben@example.org", "BEN@EXAMPLE.ORG"])
def test_name_and_address_are_taken_in_either_field_and_any_case(user, route, field, value):
    response = send(route, {field: value, "password": PASSWORD})

    assert response.status_code == 200
    body = response.json()
    assert set(body) == {"access", "refresh", "user"}
    assert body["user"]["id"] == user.pk
    assert is_in(body["access"])


@pytest.mark.parametrize("typed", ["jos\u00e9", "jose\u0301", "JOSE\u0301", "\uff4aos\u00e9"])
def test_a_name_is_known_however_the_keyboard_composes_it(typed):
    UserFactory(username="jos\u00e9")

    assert attempt(PASSWORD, typed).status_code == 200


def test_tokens_are_never_stored_by_caches(user):
    assert attempt(PASSWORD)["Cache-Control"] == "no-store"


def test_a_login_opens_one_session_with_device_and_address(user):
    attempt(PASSWORD, HTTP_USER_AGENT="Curl\x1b[31m/8 \u202e" + "x" * 300, REMOTE_ADDR="203.0.113.7")

    session = Session.objects.get(user=user)
    assert session.ip_address == "203.0.113.7"
    assert session.device.startswith("Curl[31m/8")
    assert len(session.device) == 200
    assert session.expires_at - session.created_at == timedelta(days=90)


def test_the_inbox_is_there_after_the_first_login_however_the_account_came_to_be(user):
    assert not Project.objects.filter(owner=user).exists()

    log_in(user)
    log_in(user)

    assert Project.objects.filter(owner=user, is_inbox=True).count() == 1


def test_unknown_wrong_and_inactive_are_one_and_the_same_answer(user):
    UserFactory(username="asleep", is_active=False)
    answers = [
        attempt("wrong"),
        attempt(PASSWORD, identifier="nobody"),
        attempt(PASSWORD, identifier="asleep"),
        attempt("wrong", identifier="asleep"),
    ]

    for response in answers:
        body = response.json()
        assert response.status_code == 401
        assert response["WWW-Authenticate"].startswith("Bearer")
        del body["request_id"]
        assert body == {
            "type": body["type"],
            "title": "Unauthorized",
            "status": 401,
            "detail": "The username or the password is wrong.",
            "code": "invalid_credentials",
            "instance": "/api/auth/login/",
        }
    assert not Session.objects.exists()


def test_unknown_wrong_and_inactive_cost_one_hash_each(user, settings, monkeypatch):
    from argon2 import PasswordHasher, low_level

    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    known = UserFactory(username="known", password=_argon2())
    UserFactory(username="asleep", is_active=False, password=known.password)
    hashed = []
    for module, name in ((low_level, "hash_secret"), (PasswordHasher, "verify")):
        original = getattr(module, name)

        def count(*args, original=original, **kwargs):
            hashed.append(1)
            return original(*args, **kwargs)

        monkeypatch.setattr(module, name, count)
    counts = {}
    for identifier in ("known", "nobody", "asleep"):
        hashed.clear()
        started = perf_counter()
        assert attempt("wrong", identifier=identifier).status_code == 401
        counts[identifier] = len(hashed)
        print(f"{identifier}: {len(hashed)} hash, {(perf_counter() - started) * 1000:.0f} ms")

    assert counts == {"known": 1, "nobody": 1, "asleep": 1}


def _argon2():
    from django.contrib.auth.hashers import make_password

    return make_password(PASSWORD)


def test_a_stale_header_does_not_matter_on_a_public_route(user):
    assert send("login/", {"username": "Ben", "password": PASSWORD}, token="stale.old.token").status_code == 200
    assert send("login/", {"username": "Ben", "password": "wrong"}, token="stale.old.token").status_code == 401


def test_after_five_failures_even_the_right_password_waits(user):
    for _ in range(5):
        assert attempt().status_code == 401

    response = attempt(PASSWORD)

    assert (response.status_code, response.json()["code"]) == (429, "too_many_failures")
    assert 0 < int(response["Retry-After"]) <= 900
    assert not Session.objects.exists()


def test_failures_by_name_address_and_case_count_together(user):
    for identifier in ("Ben", "ben", "BEN", "ben@example.org", "BEN@example.org"):
        assert attempt(identifier=identifier).status_code == 401

    assert attempt(PASSWORD).status_code == 429


def test_an_account_that_does_not_exist_is_locked_in_the_same_way():
    answers = [attempt(identifier=name).status_code for name in ("nobody", "NOBODY", "Nobody", "nobody", "nobody")]

    assert answers == [401] * 5
    assert attempt(identifier="nobody").status_code == 429


def test_another_address_and_another_account_are_not_locked(user):
    UserFactory(username="cy")
    for _ in range(6):
        attempt()

    assert attempt(PASSWORD, REMOTE_ADDR="203.0.113.9").status_code == 200
    assert attempt(PASSWORD, identifier="cy").status_code == 200


def test_a_client_with_a_whole_ipv6_network_has_one_counter(user):
    for number in range(5):
        assert attempt(REMOTE_ADDR=f"2001:db8::{number}").status_code == 401

    assert attempt(PASSWORD, REMOTE_ADDR="2001:db8::99").status_code == 429
    assert attempt(PASSWORD, REMOTE_ADDR="2001:db8:0:1::1").status_code == 200


def test_a_good_login_clears_the_failures(user):
    for _ in range(4):
        attempt()
    assert attempt(PASSWORD).status_code == 200

    assert [attempt().status_code for _ in range(5)] == [401] * 5
    assert attempt(PASSWORD).status_code == 429


def test_the_lock_opens_after_its_window(user):
    for _ in range(6):
        attempt()
    with time_machine.travel(timezone.now() + timedelta(minutes=14, seconds=50)):
        assert attempt(PASSWORD).status_code == 429
    with time_machine.travel(timezone.now() + timedelta(minutes=15, seconds=5)):
        assert attempt(PASSWORD).status_code == 200


def test_a_rejected_attempt_is_counted_but_does_not_prolong_the_lock(user):
    for _ in range(30):
        last = attempt()

    assert last.status_code == 429
    assert LoginFailure.objects.get().count == django_settings.LOGIN_FAILURES + 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"password": "x"}, "/username"),
        ({"username": "Ben"}, "/password"),
        ({"username": "", "password": "x"}, "/username"),
    ],
)
def test_half_a_login_is_a_400(body, pointer):
    response = send("login/", body)

    assert response.status_code == 400
    assert pointer in codes(response)


def test_logins_from_one_address_are_limited(user, settings):
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"login": "3/60"}

    answers = [attempt(PASSWORD) for _ in range(4)]

    assert [response.status_code for response in answers] == [200, 200, 200, 429]
    assert answers[-1].json()["code"] == "rate_limited"
    assert int(answers[-1]["Retry-After"]) > 0


def test_a_password_changed_between_check_and_session_opens_nothing(user):
    from apps.common.errors import AuthenticationError
    from apps.users import services

    checked = services.check_credentials(identifier="Ben", password=PASSWORD, ip_address="203.0.113.7")
    services.set_password(user=user, password="another long secret")

    with pytest.raises(AuthenticationError):
        services.open_session(user=checked, ip_address="203.0.113.7", device="")
    assert not Session.objects.filter(revoked_at=None).exists()
