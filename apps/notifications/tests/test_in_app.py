"""The list in the app: who reads what, marks, counts, and how many queries it takes."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.db.models import Q

from apps.common.lists import kept
from apps.common.sql import statements
from apps.notifications import kinds, scopes
from apps.notifications.models import Notification
from apps.notifications.serializers import NotificationSerializer
from apps.notifications.tests.kinds_for_tests import AccountPoked, Poked, PokedMyself
from apps.notifications.tests.outbox_rows import notified
from apps.users.tests.factories import UserFactory

pytestmark = pytest.mark.django_db

LIST = "/api/notifications/"


def test_a_notification_shows_its_words(api, owner, member):
    row = notified(owner, text="Bob poked you.", changes={"status": {"from": "todo", "to": "done"}})
    Notification.objects.update(actor_id=member.pk, task_id=12)

    answer = api(owner).get(f"{LIST}{row.pk}/")

    assert answer.status_code == 200
    body = answer.json()
    assert body.pop("created_at").endswith("Z")
    assert body.pop("actor") in (None, {"id": member.pk, "username": "member", "nickname": "", "avatar": None})
    assert body == {
        "id": row.pk,
        "kind": "poked",
        "title": "[WEB-1] You were poked",
        "body": "Bob poked you.",
        "project": None,
        "task": 12,
        "changes": {"status": {"from": "todo", "to": "done"}},
        "read_at": None,
    }


def test_the_list_is_newest_first_and_paged(api, owner):
    rows = [notified(owner) for _ in range(5)]

    first = api(owner).get(LIST, {"page_size": 3}).json()
    second = api(owner).get(first["next"]).json()

    assert [row["id"] for row in first["results"] + second["results"]] == [row.pk for row in reversed(rows)]
    assert second["next"] is None


def test_the_list_shows_what_the_detail_shows(api, owner, admin, member):
    pictured = UserFactory(username="pictured", nickname="Zoë “Z” \\", avatar="a.webp")
    rows = [notified(owner, text="Grüße\n\t“x” \\ / \x7f") for _ in range(4)]
    for row, actor in zip(rows, [None, member.pk, pictured.pk, 10**12], strict=True):
        Notification.objects.filter(pk=row.pk).update(actor_id=actor)

    shown = api(owner).get(LIST).json()["results"]

    assert shown == [api(owner).get(f"{LIST}{row.pk}/").json() for row in reversed(rows)]
    assert [row["actor"] and row["actor"]["username"] for row in shown] == [None, "pictured", "member", None]


def test_every_field_of_the_list_is_the_serializer_s_in_every_state_of_a_row(api, owner, member, project):
    changes = {"title": {"from": "“a” \\ \u2028\x7f", "to": None}, "estimate": {"from": 1.5, "to": 90}}
    rows = [
        notified(owner, project_id=project.pk, text="line\nline\t“ü” \\", changes=changes),
        notified(owner, changes=changes),
        notified(owner, gone=True, changes=changes),
        notified(owner, broken=True, changes=changes),
        notified(owner, PokedMyself),
    ]
    Notification.objects.filter(pk=rows[1].pk).update(
        read_at=datetime(2026, 11, 20, 8, tzinfo=UTC), created_at=datetime(2026, 11, 20, 7, 0, 0, 120, UTC), task_id=12
    )
    Notification.objects.filter(pk=rows[2].pk).update(kind="a “kind” of a former version")
    client = api(owner)

    shown = client.get(LIST).json()["results"]

    assert [list(row) for row in shown] == [list(NotificationSerializer.Meta.fields)] * len(rows)
    assert {row["id"]: row for row in shown} == {row.pk: client.get(f"{LIST}{row.pk}/").json() for row in rows}
    assert [row["changes"] for row in shown].count(changes) == 2


def test_a_kind_that_names_people_in_its_words_needs_a_brief_without_them():
    class Naming(Poked):
        @classmethod
        def people_named(cls, row):
            return [row.data["who"]]

    class Summary(Naming):
        @classmethod
        def summary(cls, row, subject):
            return kinds.Summary("You were poked")

    with pytest.raises(TypeError, match="Naming names people"):
        kinds.register(Naming)
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(kinds.KINDS, "poked", Poked)
        assert kinds.register(Summary) is Summary


def test_unread_can_be_asked_for(api, owner):
    read, unread = notified(owner), notified(owner)
    api(owner).post(f"{LIST}{read.pk}/read/")

    assert [row["id"] for row in api(owner).get(LIST, {"unread": "true"}).json()["results"]] == [unread.pk]
    assert [row["id"] for row in api(owner).get(LIST, {"unread": "false"}).json()["results"]] == [read.pk]
    assert api(owner).get(LIST, {"unread": "maybe"}).status_code == 400
    assert api(owner).get(LIST, {"read": "true"}).status_code == 400


def test_reading_and_unreading_are_idempotent(api, owner):
    row = notified(owner)
    client = api(owner)

    first = client.post(f"{LIST}{row.pk}/read/").json()
    again = client.post(f"{LIST}{row.pk}/read/").json()
    assert first["read_at"] == again["read_at"] is not None

    for _ in range(2):
        answer = client.post(f"{LIST}{row.pk}/unread/")
        assert (answer.status_code, answer.json()["read_at"]) == (200, None)


def test_all_can_be_marked_as_read_and_counted(api, owner, outsider):
    for _ in range(3):
        notified(owner)
    notified(outsider)

    assert api(owner).get(f"{LIST}unread-count/").json() == {"unread": 3}
    assert api(owner).post(f"{LIST}read-all/").json() == {"read": 3}
    assert api(owner).post(f"{LIST}read-all/").json() == {"read": 0}
    assert api(owner).get(f"{LIST}unread-count/").json() == {"unread": 0}
    assert api(outsider).get(f"{LIST}unread-count/").json() == {"unread": 1}


@pytest.mark.parametrize(("method", "suffix"), [("get", ""), ("post", "read/"), ("post", "unread/")])
def test_others_do_not_learn_that_it_exists(api, owner, outsider, staff, method, suffix):
    row = notified(owner)

    for user in (outsider, staff):
        answer = getattr(api(user), method)(f"{LIST}{row.pk}/{suffix}")
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    row.refresh_from_db()
    assert row.read_at is None


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", ""),
        ("get", "1/"),
        ("post", "1/read/"),
        ("post", "1/unread/"),
        ("post", "read-all/"),
        ("get", "unread-count/"),
    ],
)
def test_who_is_nobody_gets_401(api, method, path):
    assert getattr(api(), method)(f"{LIST}{path}").status_code == 401


def test_what_is_only_mailed_is_not_in_the_app(api):
    user = UserFactory(notification_preferences={"poked": {"in_app": False}})
    notified(user)
    notified(user, AccountPoked)

    assert api(user).get(LIST).json()["results"] == []
    assert api(user).get(f"{LIST}unread-count/").json() == {"unread": 0}


def test_of_what_is_gone_only_the_kind_is_left(api, owner):
    notified(owner, gone=True, text="secret", changes={"title": {"from": "secret", "to": "secret"}})

    answer = api(owner).get(LIST)

    assert answer.json()["results"][0]["title"] == "Somebody poked you"
    assert answer.json()["results"][0]["changes"] == {}
    assert "secret" not in answer.content.decode()


def test_a_row_that_cannot_be_read_does_not_hide_the_others(api, owner):
    notified(owner, broken=True)
    notified(owner, text="fine")

    titles = [row["title"] for row in api(owner).get(LIST).json()["results"]]

    assert titles == ["[WEB-1] You were poked", "Somebody poked you"]


def test_a_scope_narrows_every_route(api, owner, monkeypatch, request):
    monkeypatch.setattr(scopes, "_scopes", [lambda user: Q(project_id=None) | Q(project_id=1)])
    kept.forget()
    request.addfinalizer(kept.forget)
    seen, hidden = notified(owner, project_id=1), notified(owner, project_id=2)
    client = api(owner)

    assert [row["id"] for row in client.get(LIST).json()["results"]] == [seen.pk]
    assert client.get(f"{LIST}{hidden.pk}/").status_code == 404
    assert client.post(f"{LIST}{hidden.pk}/read/").status_code == 404
    assert client.get(f"{LIST}unread-count/").json() == {"unread": 1}
    assert client.post(f"{LIST}read-all/").json() == {"read": 1}
    hidden.refresh_from_db()
    assert hidden.read_at is None


def test_the_number_of_queries_does_not_grow(api, owner, django_assert_max_num_queries):
    client = api(owner)
    for _ in range(30):
        notified(owner)

    with django_assert_max_num_queries(4):
        assert len(client.get(LIST).json()["results"]) == 30


def test_who_did_it_and_the_task_are_joined_to_the_page_and_not_looked_up_for_each_row(api, owner, monkeypatch):
    notified(owner)
    texts = []
    prepared = statements.prepared
    monkeypatch.setattr(statements, "prepared", lambda text, params: texts.append(text) or prepared(text, params))

    assert api(owner).get(LIST).json()["results"]

    [listing] = [text for text in texts if '"notifications_notification"' in text]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {listing}".replace("%s", str(owner.pk)))
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "users_user" in plan
    assert "tasks_task" in plan
    assert plan.count("SubPlan ") == plan.count("hashed SubPlan ") * 2, plan  # that of the person's projects, once


def test_words_are_in_the_reader_s_hands_only(api, owner):
    notified(owner)

    with pytest.MonkeyPatch.context() as patch:
        recipients = []
        original = Poked.content.__func__

        def content(cls, row, subject):
            recipients.append(row.recipient)
            return original(cls, row, subject)

        patch.setattr(Poked, "content", classmethod(content))
        api(owner).get(LIST)

    assert recipients == [owner]
