"""POST refresh/: a session moves on by one, whatever happens twice."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from apps.common.tests.races import at_once, statuses
from apps.notifications.models import Notification
from apps.notifications.tests.assertions import kinds_sent_to
from apps.users.credentials.tokens import RefreshToken
from apps.users.models import Session
from apps.users.tests.factories import UserFactory
from apps.users.tests.helpers import codes, is_in, log_in, refresh, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return UserFactory()


def after(seconds):
    return time_machine.travel(timezone.now() + timedelta(seconds=seconds))


@pytest.mark.parametrize("route", ["refresh/", "/api/token/refresh/"])
def test_a_refresh_token_buys_the_next_pair(user, route):
    first = log_in(user)

    response = send(route, {"refresh": first["refresh"]})

    assert (response.status_code, response["Cache-Control"]) == (200, "no-store")
    pair = response.json()
    assert set(pair) == {"access", "refresh"}
    assert RefreshToken.read(pair["refresh"]).generation == 2
    assert is_in(pair["access"])
    assert Session.objects.get(user=user).generation == 2


def test_the_token_just_exchanged_gets_the_same_pair_again_for_ten_seconds(user):
    first = log_in(user)["refresh"]
    second = refresh(first).json()

    with after(9):
        again = refresh(first)

    assert again.json() == second
    assert Session.objects.get(user=user).generation == 2
    assert kinds_sent_to(user) == []


def test_the_token_just_exchanged_ends_the_session_after_ten_seconds(user):
    first = log_in(user)["refresh"]
    second = refresh(first).json()

    with after(11):
        response = refresh(first)

    assert (response.status_code, response.json()["code"]) == (401, "session_revoked")
    assert not is_in(second["access"])
    assert refresh(second["refresh"]).status_code == 401
    assert Session.objects.get(user=user).revoked_reason == Session.Reason.REUSE
    assert kinds_sent_to(user) == ["session_revoked"]


def test_an_older_token_ends_the_session_at_once(user):
    first = log_in(user)["refresh"]
    second = refresh(first).json()["refresh"]
    third = refresh(second).json()

    response = refresh(first)

    assert (response.status_code, response.json()["code"]) == (401, "session_revoked")
    assert not is_in(third["access"])


def test_the_person_is_told_once_however_often_the_old_token_comes(user):
    first = log_in(user)["refresh"]
    refresh(refresh(first).json()["refresh"])

    answers = [refresh(first).json()["code"] for _ in range(4)]

    assert answers == ["session_revoked"] * 4
    assert kinds_sent_to(user) == ["session_revoked"]


def test_other_sessions_of_the_person_go_on_after_a_reuse(user):
    other = log_in(user)
    first = log_in(user)["refresh"]
    refresh(refresh(first).json()["refresh"])

    refresh(first)

    assert is_in(other["access"])
    assert refresh(other["refresh"]).status_code == 200


def test_a_session_ends_after_ninety_days_however_often_it_is_refreshed(user):
    token = log_in(user)["refresh"]
    began = timezone.now()
    for day in (13, 26, 39, 52, 65, 78, 89):
        with time_machine.travel(began + timedelta(days=day)):
            response = refresh(token)
            assert response.status_code == 200, day
            token = response.json()["refresh"]

    with time_machine.travel(began + timedelta(days=90, seconds=1)):
        assert refresh(token).status_code == 401


def test_a_refresh_token_lives_fourteen_days(user):
    token = log_in(user)["refresh"]

    with time_machine.travel(timezone.now() + timedelta(days=14, seconds=1)):
        response = refresh(token)

    assert (response.status_code, response.json()["code"]) == (401, "token_not_valid")


def test_an_access_token_lives_five_minutes(user):
    token = log_in(user)["access"]

    with after(295):
        assert is_in(token)
    with after(301):
        assert not is_in(token)


def test_a_deleted_account_is_rejected_without_a_500(user):
    token = log_in(user)["refresh"]
    user.owned_projects.all().delete()
    user.delete()

    response = refresh(token)

    assert (response.status_code, response.json()["code"]) == (401, "token_not_valid")


def test_an_account_switched_off_behind_our_back_is_rejected(user):
    token = log_in(user)["refresh"]
    type(user).objects.filter(pk=user.pk).update(is_active=False)

    response = refresh(token)

    assert (response.status_code, response.json()["code"]) == (401, "session_revoked")
    assert Session.objects.get(user=user).generation == 1


def test_a_token_of_the_database_before_a_restore_opens_nobody_elses_session(user):
    lost = log_in(user)["refresh"]
    session = Session.objects.get(user=user)
    Session.objects.filter(pk=session.pk).update(user=UserFactory())  # the same id, handed out again

    assert (refresh(lost).status_code, refresh(lost).json()["code"]) == (401, "token_not_valid")


def test_a_generation_that_the_database_does_not_know_yet_is_rejected_and_ends_nothing(user):
    token = refresh(log_in(user)["refresh"]).json()["refresh"]
    Session.objects.filter(user=user).update(generation=1)  # restored from a backup

    assert refresh(token).json()["code"] == "token_not_valid"
    assert Session.objects.get(user=user).revoked_at is None


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "é.ü.ß", "x" * 3000, None, 5, ["a"]])
def test_what_is_no_token_is_a_4xx(token):
    response = send("refresh/", {"refresh": token})

    assert response.status_code in {400, 401}
    assert response["Content-Type"] == "application/problem+json"


def test_a_body_without_the_token_says_so():
    assert codes(send("refresh/", {})) == {"/refresh": "required"}


def test_a_refresh_costs_two_queries(user, django_assert_num_queries):
    token = log_in(user)["refresh"]

    with django_assert_num_queries(2):  # the session with its user, the conditional update
        refresh(token)


@pytest.mark.django_db(transaction=True)
def test_ten_parallel_uses_of_one_token_have_one_winner_generation(settings):
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"refresh": "100000/60", "login": "100000/60"}
    user = UserFactory()
    rounds = 50
    generations = set()
    for _ in range(rounds):
        token = log_in(user)["refresh"]
        before = RefreshToken.read(token)

        answers = at_once(*[lambda token=token: refresh(token)] * 10)

        assert statuses(answers) == [200] * 10
        assert len({answer.json()["refresh"] for answer in answers}) == 1
        generations.add(RefreshToken.read(answers[0].json()["refresh"]).generation)
        session = Session.objects.get(pk=before.session_id)
        assert (session.generation, session.revoked_at) == (2, None)

    print(f"one refresh token x10, {rounds} rounds: generations {generations}, 5xx 0")
    assert generations == {2}


@pytest.mark.django_db(transaction=True)
def test_a_reuse_found_by_ten_requests_at_once_is_told_once(settings):
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"refresh": "100000/60"}
    user = UserFactory()
    first = log_in(user)["refresh"]
    refresh(refresh(first).json()["refresh"])

    answers = at_once(*[lambda: refresh(first)] * 10)

    assert statuses(answers) == [401] * 10
    assert Notification.objects.filter(recipient=user, kind="session_revoked").count() == 1
