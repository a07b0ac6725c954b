"""Walks over lists: every row exactly once, nulls last, whatever others write."""

import base64
import json
import random
import threading
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from django.db import connection
from django.db.models import (
    BigIntegerField,
    BooleanField,
    DateTimeField,
    F,
    IntegerField,
    PositiveIntegerField,
    TextField,
    UUIDField,
)
from django.utils import timezone

from apps.common.lists.ordering import OrderKey
from apps.tasks.models import Priority, Task
from apps.tasks.order.keys import even_key

pytestmark = pytest.mark.urls("apps.common.tests.sample_api")
ORDERS = [
    "created_at",
    "-created_at",
    "due_date",
    "-due_date",
    "title",
    "-title",
    "priority,-due_date",
    "-priority,title",
    "-due_date,priority,-title",
    "priority,due_date,created_at",
]


def make_cards(project, count, *, first=1, seed=5):
    chance = random.Random(seed)
    now = timezone.now().replace(microsecond=0)
    rows = [
        Task(
            project=project,
            number=number,
            rank=even_key(number),
            title=chance.choice(["Äpfel", "apple", "Birne", "zebra", "日本", "x" * 200]),
            priority=chance.choice(Priority.values),
            due_date=chance.choice([None, None, now, now + timedelta(microseconds=chance.randrange(3))]),
            created_at=now - timedelta(seconds=chance.randrange(4)),
        )
        for number in range(first, first + count)
    ]
    return Task.objects.bulk_create(rows)


def walk(client, url, *, link="next"):
    """Return the rows of each page from `url` on."""
    pages = []
    while url:
        response = client.get(url)
        assert response.status_code == 200, response.content
        pages.append(response.json()["results"])
        url = response.json()[link]
        assert len(pages) < 200, "the walk does not end"
    return pages


def ids(pages):
    return [row["id"] for page in pages for row in page]


@pytest.mark.parametrize("order", ORDERS)
def test_a_walk_shows_each_row_once_in_the_order_of_a_single_page(api, owner, project, order):
    cards = make_cards(project, 60)
    client = api(owner)

    walked = ids(walk(client, f"/api/cards/?ordering={order}&page_size=7"))
    at_once = ids(walk(client, f"/api/cards/?ordering={order}&page_size=100"))

    assert sorted(walked) == sorted(card.pk for card in cards)
    assert walked == at_once


@pytest.mark.parametrize("order", ORDERS)
def test_a_walk_back_shows_the_same_rows_in_the_same_order(api, owner, project, order):
    make_cards(project, 30)
    client = api(owner)
    pages = walk(client, f"/api/cards/?ordering={order}&page_size=4")
    url = f"/api/cards/?ordering={order}&page_size=4"
    for _ in range(len(pages) - 1):
        url = client.get(url).json()["next"]

    back = walk(client, url, link="previous")

    assert ids(reversed(back)) == ids(pages)


@pytest.mark.parametrize("order", ["due_date", "-due_date"])
def test_rows_without_a_date_stand_last_both_ways(api, owner, project, order):
    make_cards(project, 40)

    dates = [row["due_date"] for page in walk(api(owner), f"/api/cards/?ordering={order}&page_size=9") for row in page]

    nulls = dates.count(None)
    assert dates[-nulls:] == [None] * nulls
    with_date = [datetime.fromisoformat(date) for date in dates[:-nulls]]
    assert with_date == sorted(with_date, reverse=order.startswith("-"))


def test_the_first_page_has_no_previous_and_the_last_no_next(api, owner, project):
    make_cards(project, 5)
    first = api(owner).get("/api/cards/?page_size=3").json()
    last = api(owner).get(first["next"]).json()

    assert first["previous"] is None
    assert last["next"] is None
    assert api(owner).get(last["previous"]).json()["results"] == first["results"]


def test_a_link_keeps_what_was_asked_for_as_it_was_sent(api, owner, project):
    make_cards(project, 5)
    asked = "page_size=2&ordering=-title%2Cdue_date&count=true"

    link = urlsplit(api(owner).get(f"/api/cards/?{asked}").json()["next"])

    assert (link.scheme, link.netloc, link.path) == ("http", "testserver", "/api/cards/")
    kept = [part for part in link.query.split("&") if not part.startswith("cursor=")]
    assert "&".join(kept) == asked
    assert len(api(owner).get(link.geturl()).json()["results"]) == 2


@pytest.mark.parametrize(
    "asked", ["page_size=4&page_size=2", "page_size=2&page_size=2", "dated=true&dated=", "cursor=&cursor="]
)
def test_c1_of_a_parameter_sent_twice_no_value_is_silently_ignored(api, owner, project, asked):
    response = api(owner).get(f"/api/cards/?{asked}")

    assert response.status_code == 400
    assert ("/" + asked.partition("=")[0], "repeated") in {
        (error["pointer"], error["code"]) for error in response.json()["errors"]
    }


def test_the_row_at_the_edge_may_disappear_meanwhile(api, owner, project):
    make_cards(project, 9)
    first = api(owner).get("/api/cards/?page_size=3&ordering=due_date").json()
    Task.objects.filter(pk=first["results"][-1]["id"]).delete()

    rest = walk(api(owner), first["next"])

    assert len(ids(rest)) == 6


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("order", ["-created_at", "due_date", "-due_date", "-priority,title"])
def test_rows_that_stay_appear_once_while_others_write(api, owner, project, order):
    stay = {card.pk for card in make_cards(project, 150)}
    make_cards(project, 60, first=1_000, seed=6)
    done = threading.Event()
    failures = []

    def disturb(seed):
        chance = random.Random(seed)
        try:
            while not done.is_set():
                others = list(Task.objects.exclude(pk__in=stay).values_list("pk", flat=True))
                some = chance.sample(others, min(5, len(others)))
                Task.objects.filter(pk__in=some[:3]).update(
                    due_date=timezone.now(), title="moved", priority="urgent", created_at=timezone.now()
                )
                Task.objects.filter(pk__in=some[3:]).delete()
                make_cards(project, 3, first=chance.randrange(10_000, 10**12), seed=chance.random())
        except Exception as error:  # noqa: BLE001 - shown by the test
            failures.append(error)
        finally:
            connection.close()

    writers = [threading.Thread(target=disturb, args=(seed,)) for seed in range(3)]
    for writer in writers:
        writer.start()
    try:
        walks = [ids(walk(api(owner), f"/api/cards/?ordering={order}&page_size=10")) for _ in range(3)]
    finally:
        done.set()
        for writer in writers:
            writer.join()

    assert failures == []
    for seen in walks:
        kept = [pk for pk in seen if pk in stay]
        assert len(kept) == len(set(kept)) == len(stay)


def cursor_of(client, url):
    return parse_qs(urlsplit(client.get(url).json()["next"]).query)["cursor"][0]


@pytest.mark.parametrize(
    "elsewhere",
    [
        "/api/cards/?page_size=2&ordering=due_date",
        "/api/cards/?page_size=2&ordering=created_at",
        "/api/cards/?page_size=2&dated=true",
        "/api/slips/?page_size=2",
    ],
)
def test_a_cursor_of_another_list_filter_or_order_is_rejected(api, owner, project, elsewhere):
    make_cards(project, 5)
    cursor = cursor_of(api(owner), "/api/cards/?page_size=2")

    response = api(owner).get(f"{elsewhere}&cursor={cursor}")

    assert response.status_code == 400
    assert response.json()["errors"][0]["code"] == "invalid_cursor"


def test_a_cursor_serves_another_page_size_and_a_count(api, owner, project):
    make_cards(project, 5)
    cursor = cursor_of(api(owner), "/api/cards/?page_size=2")

    response = api(owner).get(f"/api/cards/?page_size=1&count=true&cursor={cursor}")

    assert response.status_code == 200
    assert response.json()["count"] == 5


def forged(context, values, *, backward=0):
    text = json.dumps([backward, context, values])
    return base64.urlsafe_b64encode(text.encode(errors="surrogatepass")).decode().rstrip("=")


@pytest.mark.parametrize("order", ["-created_at", "due_date", "title", "priority"])
def test_forged_cursors_are_rejected(api, owner, project, order):
    make_cards(project, 3)
    client = api(owner)
    real = cursor_of(client, f"/api/cards/?page_size=2&ordering={order}")
    context = json.loads(base64.urlsafe_b64decode(real + "=="))[1]
    bad_keys = [[], {}, True, 1e300, 2**63, "2026-99-99", "x\x00", "\ud800", "9999-12-31T23:59:59-23:59", "naive"]
    cursors = ["", "!", "AAAA", "é", "x" * 10_000, forged("other", [1, 2]), forged(context, [1])]
    cursors += [forged(context, [bad, 1]) for bad in bad_keys if not (order == "title" and isinstance(bad, str))]
    cursors += [forged(context, ["2026-01-01T00:00:00+00:00", bad]) for bad in ("1", None, True, 2**63)]
    cursors += [forged(context, ["\ud800", 1]), forged(context, ["\x00", 1]), forged(context, [None, 1], backward=7)]
    cursors += [base64.urlsafe_b64encode(b"[" * 20_000).decode()]

    answers = {
        cursor: client.get("/api/cards/", {"page_size": 2, "ordering": order, "cursor": cursor}).status_code
        for cursor in cursors
    }

    assert {cursor: status for cursor, status in answers.items() if status != 400} == {}


@pytest.mark.parametrize("size", ["0", "101", "-1", "1.0", "x", "", "²", "9" * 30])
def test_a_page_size_out_of_range_is_rejected(api, owner, size):
    response = api(owner).get("/api/cards/", {"page_size": size})

    assert response.status_code == 400
    assert response.json()["errors"][0]["pointer"] == "/page_size"


@pytest.mark.parametrize(
    "order", ["", "id", "pk", "title,title", "title,-title", "-", "--title", "project__key", "a,b,c"]
)
def test_an_order_that_is_not_offered_is_rejected_with_the_choices(api, owner, order):
    response = api(owner).get("/api/cards/", {"ordering": order})

    assert response.status_code == 400
    assert "created_at, due_date, priority, title" in response.json()["errors"][0]["detail"]


def test_the_count_leaves_the_filter_in_place(api, owner, project):
    cards = make_cards(project, 30)
    dated = sum(card.due_date is not None for card in cards)

    body = api(owner).get("/api/cards/?count=true&dated=true&page_size=1").json()

    assert body["count"] == dated
    assert "count" not in api(owner).get("/api/cards/").json()
    assert api(owner).get("/api/cards/?count=maybe").status_code == 400


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (DateTimeField, datetime(2026, 11, 20, 8, 0, 0, 1, tzinfo=UTC)),
        *((kind, 5) for kind in (IntegerField, PositiveIntegerField, BigIntegerField)),
        (TextField, "Ärger"),
        (UUIDField, UUID(int=7)),
    ],
)
def test_m_a_cursor_reads_what_it_wrote_for_every_kind_of_key(kind, value):
    key = OrderKey(F("key"), kind=kind)

    assert key.parse(json.loads(json.dumps(key.dump(value)))) == value


def test_m_a_key_of_which_no_cursor_can_be_made_is_rejected_when_it_is_declared():
    with pytest.raises(TypeError):
        OrderKey(F("key"), kind=BooleanField)
