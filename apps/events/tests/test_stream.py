"""The live stream, through its application (contract SR)."""

from __future__ import annotations

import asyncio
import json

import pytest

from apps.events.stream import hub
from apps.events.tests.streams import StreamClient, serving
from apps.projects import services
from apps.projects.events import EventType
from apps.projects.models import Membership
from apps.projects.services import Event
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.sync.state import states_of
from apps.tokens.models import ApiToken
from apps.tokens.services import revoke_token
from apps.tokens.tests.factories import make_token, script
from apps.users.models import Session, User
from apps.users.services import log_out
from apps.users.tests.tokens import access_token_for

pytestmark = pytest.mark.django_db(transaction=True)
API = "/api/events/stream/"


@pytest.fixture(autouse=True)
def _quickly(monkeypatch):
    monkeypatch.setattr(hub, "MERGE", 0.01)
    monkeypatch.setattr(hub, "FALLBACK", 0.1)


@pytest.fixture
def bearer():
    return lambda user: {"authorization": f"Bearer {access_token_for(user)}"}


def write(project, count=1):
    for _ in range(count):
        services.record_event(project.pk, Event(type=EventType.PROJECT_UPDATED), actor_id=None)


def test_sr1_sr2_sr6_a_commit_wakes_the_stream_which_says_which_project_changed_and_nothing_more(
    monkeypatch, settings, bearer
):
    monkeypatch.setattr(hub, "FALLBACK", 3_600)  # only a wake-up can make it look
    settings.NUDGE = True
    project = ProjectFactory(name="Secret title")
    header = bearer(project.owner)

    async def scenario():
        async with serving() as app:
            client = StreamClient(app, API, **header)
            hello = await client.event()
            await app.hub.ask(write, project, 3)
            told = {}
            while told.get(str(project.pk)) != 3:
                changed = await client.event()
                told = json.loads(changed["data"])["projects"]
            state = (await app.hub.ask(states_of, [project.owner_id]))[project.owner_id]
            await client.close()
            return hello, changed, state, client

    hello, changed, state, client = asyncio.run(scenario())

    assert client.headers["content-type"] == "text/event-stream"
    assert hello["event"] == "hello"
    assert json.loads(hello["data"]) == {"epoch": str(state.epoch), "projects": {str(project.pk): 0}}
    assert (changed["event"], changed["id"]) == ("change", state.digest)
    assert json.loads(changed["data"]) == {"projects": {str(project.pk): 3}, "me": False}
    assert "Secret" not in str(hello) + str(changed)


def test_sr3_sr6_without_a_wake_up_too_who_is_removed_hears_no_more_of_the_project_and_a_logout_ends_the_stream(bearer):
    project = ProjectFactory()
    member = MembershipFactory(project=project).user
    own = ProjectFactory(owner=member)
    header = bearer(member)

    async def scenario():
        async with serving() as app:
            client = StreamClient(app, API, **header)
            await client.event()
            await app.hub.ask(Membership.objects.filter(user=member, project=project).delete)
            removed = await client.change()
            await app.hub.ask(write, project)
            await app.hub.ask(write, own)
            after = await client.change()
            await app.hub.ask(lambda: Session.objects.filter(user=member).update(revoked_at=own.created_at))
            end = await client.event()
            await client.close()
            return removed, after, end, len(app.hub.streams)

    removed, after, end, left = asyncio.run(scenario())

    assert removed == {"projects": {}, "me": False}
    assert after == {"projects": {str(own.pk): 1}, "me": False}
    assert (end["event"], json.loads(end["data"])) == ("bye", {"reason": "session_ended"})
    assert left == 0


def test_sr3_a_logout_and_a_revoked_token_end_their_streams_at_once(monkeypatch, settings, bearer):
    monkeypatch.setattr(hub, "FALLBACK", 3_600)  # only a wake-up can make it look
    settings.NUDGE = True
    person = ProjectFactory().owner
    header, token = bearer(person), make_token(person, scopes=["events:read"]).text
    session = Session.objects.get(user=person)

    async def scenario():
        async with serving() as app:
            ends = []
            for headers, end in (
                (header, lambda: log_out(session=session)),
                ({"authorization": f"Bearer {token}"}, lambda: revoke_token(token=ApiToken.objects.get())),
            ):
                client = StreamClient(app, API, **headers)
                await client.event()
                await app.hub.ask(end)
                ends.append((await client.event())["event"])
            return ends

    assert asyncio.run(scenario()) == ["bye", "bye"]


def test_sr4_sr5_a_ticket_serves_one_connection_and_there_are_limits_for_a_person_and_for_all(api, settings, bearer):
    settings.STREAMS_PER_PERSON = 2
    settings.STREAM_MAX = 3
    person, other, third = (ProjectFactory().owner for _ in range(3))
    ticket = api(person).post("/api/events/tickets/").json()["ticket"]
    headers = [bearer(one) for one in (person, other, third)]

    async def scenario():
        async with serving() as app:
            found = []
            for header in ({}, {}, headers[0], headers[0], headers[1], headers[2], {"authorization": "Bearer x"}):
                query = f"ticket={ticket}" if not header else ""
                client = StreamClient(app, API, query=query, **header)
                is_rejected = len(found) in {1, 3, 5, 6}
                first = await (client.body() if is_rejected else client.event())
                assert not is_rejected or first["request_id"] == client.headers["x-request-id"] != ""
                found.append((client.status, first.get("code") or first["event"], client.headers.get("retry-after")))
            missing = StreamClient(app, "/api/tasks/", **headers[0])
            await missing.body()
            await app.hub.stop()
            return found, missing.status

    found, missing = asyncio.run(scenario())

    assert found == [
        (200, "hello", None),
        (401, "token_not_valid", None),  # the ticket is used up
        (200, "hello", None),
        (429, "too_many_streams", "30"),
        (200, "hello", None),
        (503, "stream_unavailable", "30"),
        (401, "token_not_valid", None),
    ]
    assert missing == 404


def test_sr3_a_stream_of_a_tokens_ticket_names_the_tokens_projects_and_ends_with_it(bearer):
    seen = ProjectFactory()
    hidden = ProjectFactory(owner=seen.owner)
    token = script(seen.owner, scopes=["events:read"], projects=[seen])
    ticket = token.post("/api/events/tickets/").json()["ticket"]

    async def scenario():
        async with serving() as app:
            client = StreamClient(app, API, query=f"ticket={ticket}")
            hello = await client.event()
            await app.hub.ask(write, hidden)
            await app.hub.ask(write, seen)
            changed = await client.change()
            await app.hub.ask(lambda: ApiToken.objects.update(revoked_at=seen.created_at))
            end = await client.event()
            await client.close()
            return json.loads(hello["data"])["projects"], changed["projects"], end["data"]

    assert asyncio.run(scenario()) == ({str(seen.pk): 0}, {str(seen.pk): 1}, '{"reason":"session_ended"}')


def test_sr1_a_server_that_ends_says_so_first(bearer):
    person = User.objects.get(pk=ProjectFactory().owner_id)
    header = bearer(person)

    async def scenario():
        async with serving() as app:
            client = StreamClient(app, API, **header)
            await client.event()
            await app.hub.stop()
            return await client.event()

    assert asyncio.run(scenario()) == {"event": "bye", "data": '{"reason":"shutdown"}'}


def test_sr5_answers_have_cors_and_the_other_headers_of_the_api(settings, bearer):
    settings.CORS_ALLOWED_ORIGINS = ["https://app.example.com"]
    settings.STREAMS_PER_PERSON = 1
    header = bearer(ProjectFactory().owner) | {"origin": "https://app.example.com", "x-request-id": "mine"}
    asked = {"access-control-request-method": "GET", "access-control-request-headers": "authorization"}

    async def scenario():
        async with serving() as app:
            preflight = StreamClient(app, API, method="OPTIONS", origin=header["origin"], **asked)
            await preflight.finished()
            opened = StreamClient(app, API, **header)
            await opened.event()
            rejected = StreamClient(app, API, **header)
            await rejected.body()
            other = StreamClient(app, API, origin="https://elsewhere.example")
            await other.body()
            page = StreamClient(app, "/events/stream/", origin=header["origin"])
            await page.body()
            await app.hub.stop()
            return preflight, opened, rejected, other, page

    preflight, opened, rejected, other, page = asyncio.run(scenario())

    assert [one.status for one in (preflight, opened, rejected, other, page)] == [200, 200, 429, 401, 401]
    for one in (preflight, opened, rejected):
        assert one.headers["access-control-allow-origin"] == "https://app.example.com"
    assert "authorization" in preflight.headers["access-control-allow-headers"]
    assert "Retry-After" in rejected.headers["access-control-expose-headers"]
    assert "access-control-allow-origin" not in other.headers | page.headers
    assert (opened.headers["x-request-id"], rejected.headers["x-request-id"]) == ("mine", "mine")
    assert opened.headers["content-security-policy"].startswith("default-src 'none'")


def test_the_process_says_whether_it_lives_and_is_ready_and_shows_its_numbers(settings, bearer):
    settings.METRICS_TOKEN = "a-token-for-scrapes"
    header = bearer(ProjectFactory().owner)

    async def scenario():
        async with serving() as app:
            client = StreamClient(app, API, **header)
            await client.event()
            found = []
            for path in ("/health/", "/health/ready/", "/metrics"):
                one = StreamClient(app, path, authorization="Bearer a-token-for-scrapes")
                found.append((one, await one.text()))
            nobody = StreamClient(app, "/metrics")
            await nobody.finished()
            await app.hub.stop()
            ending = StreamClient(app, "/health/ready/")
            return found, nobody, await ending.body(), ending

    found, nobody, body, ending = asyncio.run(scenario())

    assert [one.status for one, _ in found] == [200, 200, 200]
    assert json.loads(found[1][1]).items() >= {"status": "ok", "database": "ok", "streams": 1}.items()
    assert "taskhouse_stream_connections 1.0" in found[2][1]
    assert nobody.status == 401
    assert (ending.status, body["status"], body["stopping"]) == (503, "unavailable", True)
