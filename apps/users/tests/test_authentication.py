"""Bearer tokens: one query, and what ends a session counts at once. Tested on a view of its own."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.response import Response
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from apps.users.credentials.tokens import AccessToken
from apps.users.models import Session
from apps.users.tests.factories import UserFactory
from apps.users.tests.tokens import session_for

pytestmark = pytest.mark.django_db


class WhoAmI(APIView):
    def get(self, request):
        return Response({"id": request.user.pk, "session": request.auth.pk})


def ask(token, scheme="Bearer"):
    return WhoAmI.as_view()(APIRequestFactory().get("/", HTTP_AUTHORIZATION=f"{scheme} {token}"))


@pytest.fixture
def session():
    return session_for(UserFactory())


def test_a_token_lets_its_bearer_in_with_one_query(session, django_assert_num_queries):
    with django_assert_num_queries(1):
        response = ask(AccessToken.of(session))

    assert response.data == {"id": session.user_id, "session": session.pk}


def test_the_scheme_is_read_in_any_case(session):
    assert ask(AccessToken.of(session), scheme="bEARER").status_code == 200


def test_a_revoked_session_is_rejected_at_once(session):
    token = AccessToken.of(session)
    session.revoked_at = timezone.now()
    session.save(update_fields=["revoked_at"])

    response = ask(token)

    assert (response.status_code, response.data["code"]) == (401, "session_revoked")
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_last_seen_is_written_at_most_once_a_minute(session, django_assert_num_queries):
    token, before = AccessToken.of(session), timezone.now()
    session.last_seen_at = before - timedelta(seconds=61)
    session.save(update_fields=["last_seen_at"])

    with django_assert_num_queries(2):
        ask(token)
    with django_assert_num_queries(1):
        ask(token)

    session.refresh_from_db()
    assert before <= session.last_seen_at <= timezone.now()


def test_no_request_waits_for_the_disk_because_of_last_seen(session):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = on")
        Session.objects.filter(pk=session.pk).seen(at=timezone.now())
        cursor.execute("SHOW synchronous_commit")
        assert cursor.fetchone() == ("off",)
