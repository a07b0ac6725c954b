"""Parallel logins and registrations, on connections of their own."""

from __future__ import annotations

import pytest

from apps.common.tests.races import at_once, statuses
from apps.users.models import LoginFailure, User
from apps.users.tests.factories import UserFactory
from apps.users.tests.helpers import codes, send

pytestmark = pytest.mark.django_db(transaction=True)

PARALLEL = 50
ROUNDS = 5


@pytest.fixture(autouse=True)
def _no_other_limit(settings):
    settings.THROTTLE_RATES = settings.THROTTLE_RATES | {"login": "100000/60", "register": "100000/60"}


def test_of_fifty_parallel_attempts_exactly_five_are_looked_at():
    checked = []
    for number in range(ROUNDS):
        user = UserFactory(username=f"victim{number}")
        body = {"username": user.username, "password": "wrong"}
        answers = at_once(*[lambda body=body: send("login/", body)] * PARALLEL)
        found = statuses(answers)
        checked.append(found.count(401))
        assert found == [401] * 5 + [429] * (PARALLEL - 5)
        assert all(int(answer["Retry-After"]) > 0 for answer in answers if answer.status_code == 429)

    print(f"{PARALLEL} parallel attempts x {ROUNDS}: looked at {checked}, 5xx 0")
    assert LoginFailure.objects.count() == ROUNDS


def test_parallel_registrations_of_one_name_leave_one_account():
    body = {"username": "Ben", "email": "ben@example.org", "password": "a long secret of mine"}
    names = ["Ben", "BEN", "ben", "bEn"] * 2

    answers = at_once(*[lambda name=name: send("register/", body | {"username": name}) for name in names])

    assert statuses(answers) == [201] + [400] * (len(names) - 1)
    for answer in answers:
        if answer.status_code == 400:
            assert set(codes(answer).values()) == {"unique"}
    assert User.objects.count() == 1


def test_parallel_registrations_of_one_address_leave_one_account():
    def register(number):
        email = "ben@example.org" if number % 2 else "BEN@EXAMPLE.ORG"
        return send("register/", {"username": f"ben{number}", "email": email, "password": "a long secret of mine"})

    answers = at_once(*[lambda number=number: register(number) for number in range(8)])

    assert statuses(answers) == [201] + [400] * 7
    assert {tuple(codes(answer).items()) for answer in answers if answer.status_code == 400} == {
        (("/email", "unique"),)
    }
    assert User.objects.count() == 1
