"""Twenty-seven tokens and what ends them, each with its effect on the next request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import jwt
import pytest
import time_machine
from django.conf import settings
from django.test import override_settings
from django.utils import timezone

from apps.users.models import Session
from apps.users.tests.factories import PASSWORD, UserFactory
from apps.users.tests.helpers import is_in, log_in, refresh, send, token_in_mail

pytestmark = pytest.mark.django_db

NEW = "another long secret"
CASES: dict[str, Callable[[], bool]] = {}


def case(function):
    CASES[function.__name__.replace("_", " ")] = function
    return function


def person(**fields):
    return UserFactory(**fields)


def rejected(tokens):
    """Whether neither token of a pair is worth anything any more."""
    return not is_in(tokens["access"]) and refresh(tokens["refresh"]).status_code == 401


def forged(token, *, key=None, algorithm="HS256", headers=None, drop=(), **claims):
    """The token with other claims, signed with a key of ours unless said otherwise."""
    payload = jwt.decode(token, options={"verify_signature": False}) | claims
    for name in drop:
        del payload[name]
    header = {"kid": settings.JWT_KEY_ID} | (headers or {})
    return jwt.encode(payload, settings.JWT_SIGNING_KEY if key is None else key, algorithm=algorithm, headers=header)


@case
def a_fresh_pair_works():
    tokens = log_in(person())
    return is_in(tokens["access"]) and refresh(tokens["refresh"]).status_code == 200


@case
def a_token_of_a_machine_whose_clock_is_ahead_works():
    tokens = log_in(person())
    with time_machine.travel(timezone.now() - timedelta(seconds=30)):
        return is_in(tokens["access"]) and refresh(tokens["refresh"]).status_code == 200


@case
def a_token_from_before_there_was_a_time_of_issue_works():
    tokens = log_in(person())
    return is_in(forged(tokens["access"], drop=("iat",)))


@case
def no_token_is_rejected():
    response = send("profile/", method="get")
    return response.status_code == 401 and response["WWW-Authenticate"].startswith("Bearer")


@case
def an_empty_or_broken_token_is_rejected():
    return not any(is_in(text) for text in ("", "x", "a.b.c", "a b", "\xe9.\xfc.\xdf"))


@case
def a_refresh_token_is_no_access_token():
    return not is_in(log_in(person())["refresh"])


@case
def an_access_token_is_no_refresh_token():
    return refresh(log_in(person())["access"]).status_code == 401


@case
def an_expired_access_token_is_rejected():
    token = log_in(person())["access"]
    with time_machine.travel(timezone.now() + timedelta(seconds=301)):
        return not is_in(token)


@case
def an_expired_refresh_token_is_rejected():
    token = log_in(person())["refresh"]
    with time_machine.travel(timezone.now() + timedelta(days=14, seconds=1)):
        return refresh(token).status_code == 401


@case
def a_session_of_ninety_days_is_over():
    user = person()
    tokens = log_in(user)
    Session.objects.filter(user=user).update(expires_at=timezone.now() - timedelta(seconds=1))
    return rejected(tokens)


@case
def another_key_does_not_sign():
    token = log_in(person())["access"]
    return is_in(forged(token)) and not is_in(forged(token, key="k" * 40))


@case
def the_secret_key_of_the_pages_does_not_sign():
    return not is_in(forged(log_in(person())["access"], key=settings.SECRET_KEY))


@case
def the_algorithm_none_is_rejected():
    return not is_in(forged(log_in(person())["access"], key="", algorithm="none"))


@case
def another_algorithm_with_our_key_is_rejected():
    return not is_in(forged(log_in(person())["access"], algorithm="HS512", key=settings.JWT_SIGNING_KEY.ljust(64, "x")))


@case
def another_issuer_or_audience_is_rejected():
    token = log_in(person())["access"]
    return not any(is_in(forged(token, **claim)) for claim in ({"iss": "them"}, {"aud": "them"}))


@case
def a_token_without_expiry_type_or_session_is_rejected():
    token = log_in(person())["access"]
    return not any(is_in(forged(token, drop=(name,))) for name in ("exp", "token_type", "sid", "sub", "auth_time"))


@case
def an_unknown_key_id_is_rejected():
    token = log_in(person())["access"]
    return not any(is_in(forged(token, headers={"kid": kid})) for kid in ("2", "", "../1"))


@case
def a_token_of_the_previous_key_works_until_that_key_goes():
    token = log_in(person())["access"]
    new = {"JWT_SIGNING_KEY": "n" * 40, "JWT_KEY_ID": "2"}
    with override_settings(**new, JWT_PREVIOUS_KEYS={settings.JWT_KEY_ID: settings.JWT_SIGNING_KEY}):
        worked = is_in(token)
    with override_settings(**new, JWT_PREVIOUS_KEYS={}):
        return worked and not is_in(token)


@case
def somebody_elses_session_cannot_be_claimed():
    mine, theirs = log_in(person()), log_in(person())
    session = jwt.decode(theirs["access"], options={"verify_signature": False})["sid"]
    return not is_in(forged(mine["access"], sid=session))


@case
def logout_counts_at_once():
    tokens = log_in(person())
    return send("logout/", token=tokens["access"]).status_code == 204 and rejected(tokens)


@case
def ending_a_session_from_another_counts_at_once():
    user = person()
    lost, here = log_in(user), log_in(user)
    session = Session.objects.filter(user=user).earliest("id")
    send(f"sessions/{session.pk}/", method="delete", token=here["access"])
    return rejected(lost) and is_in(here["access"])


@case
def ending_all_others_counts_at_once():
    user = person()
    others, here = [log_in(user), log_in(user)], log_in(user)
    send("sessions/revoke-others/", token=here["access"])
    return all(rejected(other) for other in others) and is_in(here["access"])


@case
def a_password_change_ends_the_others_at_once():
    user = person()
    other, here = log_in(user), log_in(user)
    send("change-password/", {"old_password": PASSWORD, "new_password": NEW}, token=here["access"])
    return rejected(other) and is_in(here["access"]) and refresh(here["refresh"]).status_code == 200


@case
def a_password_reset_ends_all_at_once():
    user = person()
    tokens = log_in(user)
    send("password-reset/", {"email": user.email})
    body = {"token": token_in_mail(user, "password_reset"), "new_password": NEW}
    return send("password-reset/confirm/", body).status_code == 204 and rejected(tokens)


@case
def deactivation_counts_at_once_and_stays_after_activation():
    user, staff = person(), log_in(person(is_staff=True))
    tokens = log_in(user)
    for is_active in (False, True):
        send(f"users/{user.pk}/", {"is_active": is_active}, method="patch", token=staff["access"])
        if not rejected(tokens):
            return False
    return True


@case
def deletion_counts_at_once():
    tokens = log_in(person())
    answer = send("profile/", {"password": PASSWORD}, method="delete", token=tokens["access"])
    return answer.status_code == 204 and rejected(tokens)


@case
def an_old_refresh_token_ends_the_newest_pair_at_once():
    first = log_in(person())
    newest = refresh(refresh(first["refresh"]).json()["refresh"]).json()
    return refresh(first["refresh"]).status_code == 401 and rejected(newest)


def test_every_case_shows_on_the_next_request(settings):
    settings.THROTTLE_RATES = dict.fromkeys(settings.THROTTLE_RATES, "100000/60")

    wrong = [name for name, holds in CASES.items() if not holds()]

    print(f"{len(CASES) - len(wrong)} of {len(CASES)} token cases show on the next request")
    assert len(CASES) == 27
    assert wrong == []


CLAIMS = {"iat", "exp", "iss", "aud", "sub", "sid"}


def test_contract_8_access_tokens_carry_the_claims_that_other_systems_read():
    user = person()
    before = int(timezone.now().timestamp())
    access = log_in(user)["access"]

    payload = jwt.decode(access, options={"verify_signature": False})

    assert set(payload) >= CLAIMS
    assert before <= payload["iat"] <= timezone.now().timestamp()
    assert payload["exp"] - payload["iat"] == settings.SIMPLE_JWT["ACCESS_TOKEN_LIFETIME"].total_seconds()
    assert (payload["iss"], payload["aud"], payload["sub"]) == ("taskhouse", "taskhouse-api", str(user.pk))
    assert payload["sid"] == Session.objects.get(user=user).pk
    assert jwt.decode(access, settings.JWT_SIGNING_KEY, algorithms=["HS256"], audience=payload["aud"]) == payload


def test_contract_8_the_time_of_issue_moves_on_with_each_refresh():
    tokens = log_in(person())
    with time_machine.travel(timezone.now() + timedelta(minutes=4)):
        moved = refresh(tokens["refresh"]).json()

    first, second = (jwt.decode(t["access"], options={"verify_signature": False})["iat"] for t in (tokens, moved))

    assert 239 <= second - first <= 241
