"""The routes of the stream in the web process, and tickets (contract SR4, SR5)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.events.models import StreamTicket
from apps.events.tickets import purge_tickets
from apps.tokens.models import ApiToken
from apps.tokens.tests.factories import script
from apps.users.models import Session, User


@pytest.mark.parametrize("accept", ["text/event-stream", "application/json", "*/*"])
def test_sr5_the_web_process_has_no_stream_and_says_so_after_it_knows_the_caller(api, owner, accept):
    headers = {"Accept": accept}

    assert api().get("/api/events/stream/", headers=headers).status_code == 401
    response = api(owner).get("/api/events/stream/", headers=headers)

    assert (response.status_code, response.json()["code"]) == (503, "stream_unavailable")
    assert response["Retry-After"] == "30"
    assert response["Content-Type"] == "application/problem+json"


def test_sr5_the_stream_of_the_pages_needs_the_cookie_and_takes_no_token(api, owner):
    assert api(owner).get("/events/stream/").status_code == 401


def test_sr4_a_ticket_is_stored_as_a_digest_and_lives_30_seconds(api, owner):
    response = api(owner).post("/api/events/tickets/")

    assert (response.status_code, response["Cache-Control"]) == (201, "no-store")
    ticket = StreamTicket.objects.get()
    assert response.json()["ticket"].encode() not in bytes(ticket.digest)
    assert ticket.session == Session.objects.get(user=owner)
    assert timedelta(seconds=0) < ticket.expires_at - timezone.now() <= timedelta(seconds=30)


def test_sr4_an_expired_ticket_is_rejected_and_purged(api, owner):
    ticket = api(owner).post("/api/events/tickets/").json()["ticket"]
    StreamTicket.objects.update(expires_at=timezone.now() - timedelta(minutes=1))

    assert api().get(f"/api/events/stream/?ticket={ticket}").status_code == 401
    assert purge_tickets(now=timezone.now()) == 1


def test_sr4_a_ticket_needs_a_caller(api):
    assert api().post("/api/events/tickets/").status_code == 401


def end_of_session(user):
    Session.objects.filter(user=user).update(revoked_at=timezone.now())


def end_of_account(user):
    User.objects.filter(pk=user.pk).update(is_active=False)


@pytest.mark.parametrize("end", [end_of_session, end_of_account])
def test_sr3_a_ticket_ends_with_what_it_was_given_for(api, owner, end):
    ticket = api(owner).post("/api/events/tickets/").json()["ticket"]

    end(owner)

    assert api().get(f"/api/events/stream/?ticket={ticket}").status_code == 401


def test_sr4_a_ticket_of_an_api_token_stands_for_that_token_and_ends_with_it(api, owner):
    with_scope, without = (script(owner, scopes=[scope]) for scope in ("events:read", "tasks:read"))

    rejected = without.post("/api/events/tickets/")
    first, second = (with_scope.post("/api/events/tickets/").json()["ticket"] for _ in range(2))
    before = api().get(f"/api/events/stream/?ticket={first}").status_code
    ApiToken.objects.update(revoked_at=timezone.now())

    assert (rejected.status_code, rejected.json()["code"]) == (403, "insufficient_scope")
    assert before == 503  # let in, where there is a stream
    assert api().get(f"/api/events/stream/?ticket={second}").status_code == 401
    assert set(StreamTicket.objects.values_list("session", "token__user")) == {(None, owner.pk)}
