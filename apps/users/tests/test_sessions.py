"""GET sessions/, DELETE sessions/{id}/, POST sessions/revoke-others/."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.users.models import Session
from apps.users.tests.factories import UserFactory
from apps.users.tests.helpers import is_in, log_in, refresh, send
from apps.users.tests.tokens import session_for

pytestmark = pytest.mark.django_db


@pytest.fixture
def user():
    return UserFactory()


def listed(token):
    response = send("sessions/", method="get", token=token)
    assert response.status_code == 200
    return response.json()["results"]


def test_the_list_shows_the_own_live_sessions_newest_first(user):
    log_in(UserFactory())
    first, here = log_in(user), log_in(user)
    gone = session_for(user, revoked_at=timezone.now())
    idle = session_for(user, rotated_at=timezone.now() - timedelta(days=15))

    rows = listed(here["access"])

    assert [row["is_current"] for row in rows] == [True, False]
    assert {gone.pk, idle.pk}.isdisjoint(row["id"] for row in rows)
    assert set(rows[0]) == {"id", "device", "ip_address", "created_at", "last_seen_at", "is_current"}
    assert [row["is_current"] for row in listed(first["access"])] == [False, True]


def test_the_list_costs_two_queries_however_long(user, django_assert_num_queries):
    token = log_in(user)["access"]
    for _ in range(20):
        session_for(user)

    with django_assert_num_queries(2):
        assert len(listed(token)) == 21


def test_ending_one_session_leaves_the_others(user):
    lost, here = log_in(user), log_in(user)
    session = Session.objects.filter(user=user).earliest("id")

    response = send(f"sessions/{session.pk}/", method="delete", token=here["access"])

    assert response.status_code == 204
    assert (is_in(lost["access"]), is_in(here["access"])) == (False, True)
    session.refresh_from_db()
    assert session.revoked_reason == Session.Reason.REVOKED


def test_the_session_that_asks_can_be_ended(user):
    here = log_in(user)
    session = Session.objects.get(user=user)

    assert send(f"sessions/{session.pk}/", method="delete", token=here["access"]).status_code == 204
    assert not is_in(here["access"])


def test_somebody_elses_session_is_not_found(user):
    theirs = log_in(UserFactory())
    staff = log_in(UserFactory(is_staff=True))
    session = Session.objects.earliest("id")

    for asker in (log_in(user), staff):
        assert send(f"sessions/{session.pk}/", method="delete", token=asker["access"]).status_code == 404
    assert is_in(theirs["access"])


@pytest.mark.parametrize("number", ["0", "999999999999999999", "9999999999999999999999", "x", "-1", "1.5"])
def test_what_is_no_session_is_not_found(user, number):
    assert send(f"sessions/{number}/", method="delete", token=log_in(user)["access"]).status_code == 404


def test_a_session_that_has_ended_is_not_found(user):
    gone = session_for(user, revoked_at=timezone.now())

    assert send(f"sessions/{gone.pk}/", method="delete", token=log_in(user)["access"]).status_code == 404


def test_all_others_end_together(user):
    others, here, foreign = [log_in(user) for _ in range(3)], log_in(user), log_in(UserFactory())

    response = send("sessions/revoke-others/", token=here["access"])

    assert (response.status_code, response.content) == (204, b"")
    assert [is_in(other["access"]) for other in others] == [False] * 3
    assert refresh(others[0]["refresh"]).status_code == 401
    assert is_in(here["access"])
    assert is_in(foreign["access"])


@pytest.mark.parametrize(
    ("method", "path"), [("get", "sessions/"), ("delete", "sessions/1/"), ("post", "sessions/revoke-others/")]
)
def test_nobody_sees_or_ends_sessions(method, path):
    assert send(path, method=method).status_code == 401


def test_an_unknown_filter_or_order_is_rejected(user):
    token = log_in(user)["access"]

    assert send("sessions/?device=x", method="get", token=token).status_code == 400
    assert send("sessions/?ordering=ip_address", method="get", token=token).status_code == 400
    assert send("sessions/?ordering=last_seen_at&page_size=1&count=true", method="get", token=token).status_code == 200
