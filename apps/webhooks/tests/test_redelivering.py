"""Sending again: one delivery, or a span of the log (contract WH8)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.tasks.services import update_task
from apps.webhooks.models import Delivery
from apps.webhooks.services import redelivering

pytestmark = pytest.mark.django_db


@pytest.fixture
def path(project):
    return f"/api/projects/{project.pk}/webhooks/"


def retitle(task, owner, *titles):
    for title in titles:
        task = update_task(actor=owner, task=task, changes={"title": title})


def since(**ago):
    return {"since": (timezone.now() - timedelta(**ago)).isoformat()}


def test_wh8_a_delivery_is_sent_again_with_the_same_id_and_the_object_as_it_is_then(
    api, owner, path, hook, run, receiver, task
):
    webhook = hook(events=["task.updated"])
    retitle(task, owner, "One")
    run()
    first = Delivery.objects.get()
    mine = f"{path}{webhook.pk}/deliveries/{first.pk}/redeliver/"

    answer = api(owner).post(mine, HTTP_IDEMPOTENCY_KEY="k")
    again = api(owner).post(mine, HTTP_IDEMPOTENCY_KEY="k")
    under_way = api(owner).post(mine)
    task.refresh_from_db()
    retitle(task, owner, "Two")
    Delivery.objects.filter(pk=answer.json()["id"]).update(next_attempt_at=timezone.now())
    run()

    assert (answer.status_code, answer.json()["redelivery_of"], answer.json()["state"]) == (202, first.pk, "pending")
    assert (again.json()["id"], under_way.status_code, under_way.json()["code"]) == (
        answer.json()["id"],
        409,
        "conflict",
    )
    same = [got for got in receiver.got if got.headers["webhook-id"] == str(first.event_id)]
    assert [got.verified(webhook.secret)["data"]["task"]["title"] for got in same] == ["One", "Two"]
    assert same[1].json["data"]["changes"]["title"] == {"from": "Fix the login page", "to": "One"}


def test_wh8_what_was_missed_while_it_was_disabled_or_not_there_is_sent_from_the_log(
    api, owner, path, hook, run, receiver, task
):
    retitle(task, owner, "Before it was there")
    webhook = hook(events=["task.updated"])
    mine = f"{path}{webhook.pk}/"
    task.refresh_from_db()
    retitle(task, owner, "Delivered")
    run()
    api(owner).post(f"{mine}disable/")
    task.refresh_from_db()
    retitle(task, owner, "Missed")
    assert api(owner).post(f"{mine}enable/").json()["missed"] == 1

    answer = api(owner).post(f"{mine}redeliver/", since(hours=1))
    twice = api(owner).post(f"{mine}redeliver/", since(hours=1))
    run()

    assert (answer.status_code, answer.json(), twice.json()) == (202, {"count": 2}, {"count": 0})
    assert {got.json["data"]["changes"]["title"]["to"] for got in receiver.got} == {
        "Before it was there", "Delivered", "Missed"
    }  # fmt: skip
    assert len(receiver.got) == 3


def test_wh8_failed_and_all_choose_by_what_became_of_the_deliveries(api, owner, path, hook, run, receiver, task):
    webhook = hook(events=["task.updated"])
    mine = f"{path}{webhook.pk}/redeliver/"
    retitle(task, owner, "One", "Two", "Three")
    run()
    first, second, third = Delivery.objects.order_by("pk")
    Delivery.objects.filter(pk=first.pk).update(state="failed")
    Delivery.objects.filter(pk=second.pk).update(state="blocked")

    failed = api(owner).post(mine, since(hours=1) | {"state": "failed"})
    again = Delivery.objects.pending()
    assert (failed.json(), {row.event_id for row in again}) == ({"count": 2}, {first.event_id, second.event_id})
    assert {(row.redelivery_no, row.redelivery_of_id) for row in again} == {(1, first.pk), (1, second.pk)}
    assert api(owner).post(mine, since(hours=1) | {"state": "all"}).json() == {"count": 1}  # the others are under way
    run()
    assert api(owner).post(mine, since(hours=1) | {"state": "failed"}).json() == {"count": 0}
    assert Delivery.objects.filter(event_id=third.event_id).count() == 2


def test_wh8_only_between_since_and_until_and_never_more_than_the_limit(
    api, owner, path, hook, run, receiver, task, monkeypatch
):
    webhook = hook(events=["task.updated"])
    mine = f"{path}{webhook.pk}/redeliver/"
    retitle(task, owner, "One", "Two", "Three")
    run()
    everything = since(hours=1) | {"state": "all"}

    assert api(owner).post(mine, everything | {"until": since(minutes=30)["since"]}).json() == {"count": 0}
    monkeypatch.setattr(redelivering, "MAX_EVENTS", 2)
    answer = api(owner).post(mine, everything)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "too_many")
    for body, code in (
        ({}, "required"),
        ({"since": "yesterday"}, "invalid"),
        ({"since": "2026-01-02T00:00:00Z", "until": "2026-01-01T00:00:00Z"}, "contradiction"),
        (since(hours=1) | {"state": "some"}, "invalid_choice"),
    ):
        answer = api(owner).post(mine, body)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, code)
    assert not Delivery.objects.pending().exists()
