"""What a person does with calendar feeds: /api/calendar-feeds/ (contract IC)."""

from __future__ import annotations

import hashlib

import pytest

from apps.calendars.models import CalendarFeed
from apps.common.models import IdempotencyRecord
from apps.users.services import anonymise
from apps.users.tests.factories import UserFactory

pytestmark = pytest.mark.django_db
URL = "/api/calendar-feeds/"


@pytest.fixture
def make(api, member):
    """Return a function that makes a feed of the member and returns the answer."""

    def send(name="Dates", **fields):
        response = api(member).post(URL, {"name": name, **fields})
        assert response.status_code == 201, response.json()
        return response.json()

    return send


def path_of(made):
    return "/ical/" + made["url"].rpartition("/ical/")[2]


def test_ic3_a_feed_is_made_with_its_defaults_and_its_address_is_shown_once(api, member, settings):
    settings.PUBLIC_URL = "https://tasks.example.org/base"
    client, header = api(member), {"HTTP_IDEMPOTENCY_KEY": "k"}

    made = client.post(URL, {"name": "Dates"}, **header)

    body = made.json()
    secret = body["url"].removeprefix("https://tasks.example.org/base/ical/").removesuffix(".ics")
    assert len(secret) == 43
    assert body == {
        "id": body["id"],
        "name": "Dates",
        "view": None,
        "as": "event",
        "details": False,
        "created_at": body["created_at"],
        "last_used_at": None,
        "url": body["url"],
    }
    assert client.post(URL, {"name": "Dates"}, **header).json() == body | {"url": None}
    assert secret not in IdempotencyRecord.objects.get().body
    assert bytes(CalendarFeed.objects.get().digest) == hashlib.sha256(secret.encode()).digest()
    assert "url" not in client.get(f"{URL}{body['id']}/").json()
    assert client.patch(f"{URL}{body['id']}/", body | {"as": "both"}).json()["as"] == "both"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/name"),
        ({"name": "A", "as": "journal"}, "/as"),
        ({"name": "A", "view": 10**9}, "/view"),
        ({"name": ""}, "/name"),
    ],
)
def test_bad_bodies_are_400_and_write_nothing(api, member, body, pointer):
    answer = api(member).post(URL, body)

    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, pointer)
    assert not CalendarFeed.objects.exists()


def test_ic1_a_twenty_first_feed_is_a_conflict(api, member, make):
    rows = [CalendarFeed(user=member, name="x", digest=bytes([number])) for number in range(19)]
    CalendarFeed.objects.bulk_create(rows)
    make()

    answer = api(member).post(URL, {"name": "One more"})

    assert (answer.status_code, answer.json()["code"]) == (409, "conflict")
    assert len(api(member).get(URL).json()["results"]) == 20


def test_feeds_are_their_owners_alone(api, member, owner, make):
    made = make()
    one = f"{URL}{made['id']}/"

    assert [api(owner).get(one).status_code, api(owner).delete(one).status_code] == [404, 404]
    assert api(owner).post(f"{one}regenerate/").status_code == 404
    assert api(owner).get(URL).json()["results"] == []
    assert api().get(URL).status_code == 401


def test_ic1_another_address_deleting_and_deactivating_make_the_old_one_404(api, member, make, client):
    made = make()
    first = path_of(made)
    assert client.get(first).status_code == 200

    renewed = api(member).post(f"{URL}{made['id']}/regenerate/").json()

    second = path_of(renewed)
    assert (client.get(first).status_code, client.get(second).status_code) == (404, 200)
    member.is_active = False
    member.save()
    assert client.get(second).status_code == 404
    member.is_active = True
    member.save()
    assert client.get(second).status_code == 200
    assert api(member).delete(f"{URL}{made['id']}/").status_code == 204
    assert client.get(second).status_code == 404


def test_deleting_an_account_takes_its_feeds(member, make, client):
    made = make()

    anonymise(user=member)

    assert not CalendarFeed.objects.exists()
    assert client.get(path_of(made)).status_code == 404


def test_ic3_the_secret_opens_nothing_of_the_api(api, make, client):
    made = make()
    secret = path_of(made).removeprefix("/ical/").removesuffix(".ics")

    for scheme in ("Bearer", "Basic", "Token"):
        assert client.get("/api/tasks/", HTTP_AUTHORIZATION=f"{scheme} {secret}").status_code == 401
    assert client.get(f"/api/calendar-feeds/?token={secret}").status_code == 401
    assert client.post(path_of(made)).status_code == 405


def test_o5_the_admin_shows_feeds_and_changes_none(client, make):
    made = make()
    client.force_login(UserFactory(username="root", is_staff=True, is_superuser=True))
    page = f"/admin/calendars/calendarfeed/{made['id']}/change/"

    assert "Dates" in client.get("/admin/calendars/calendarfeed/").content.decode()
    assert client.get(page).status_code == 200
    assert client.post(page, {"name": "Other"}).status_code == 403
