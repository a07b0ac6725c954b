"""Events reach a real receiver, signed, and tried again until they do."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone
from standardwebhooks.webhooks import WebhookVerificationError

from apps.notifications.models import Hold, Notification
from apps.projects.models import Activity
from apps.tasks.services import update_task
from apps.tasks.tests.factories import TaskFactory
from apps.webhooks import services
from apps.webhooks.delivering import deliver, running, sending, settling
from apps.webhooks.delivering.sending import Answer
from apps.webhooks.fan_out import fan_out
from apps.webhooks.models import Delivery, Webhook
from apps.webhooks.tests.receiver import dripping

pytestmark = pytest.mark.django_db


def retitle(task, owner, title="Another"):
    return update_task(actor=owner, task=task, changes={"title": title})


def test_wh1_each_subscribed_event_becomes_one_delivery_however_often_the_job_runs(hook, run, receiver, task, owner):
    webhook = hook(events=["task.updated"])
    other = hook(events=["comment.*"])
    retitle(task, owner)
    retitle(task, owner, "A third")

    for _ in range(3):
        run()

    event_ids = sorted(str(each.event_id) for each in Activity.objects.filter(type="task.updated"))
    assert sorted(got.headers["webhook-id"] for got in receiver.got) == event_ids  # in no promised order
    assert [(row.webhook_id, row.state, row.attempts) for row in Delivery.objects.all()] == [
        (webhook.pk, "sent", 1)
    ] * 2
    other.refresh_from_db()
    assert other.cursor_seq == Activity.objects.order_by("-seq").first().seq


def test_wh2_wh6_500_500_200_are_three_attempts_with_one_id_and_fresh_valid_signatures(
    hook, run, receiver, task, owner
):
    webhook = hook(events=["task.updated"])
    receiver.answers = [500, 500, 200]
    retitle(task, owner)

    for _ in range(3):
        Delivery.objects.update(attempted_at=None)
        run()

    assert len(receiver.got) == 3
    assert len({got.headers["webhook-id"] for got in receiver.got}) == 1
    for got in receiver.got:
        assert got.verified(webhook.secret)["type"] == "task.updated"
        assert (got.headers["content-type"], got.headers["user-agent"]) == ("application/json", "Taskhouse-Webhook/1")
        assert abs(int(got.headers["webhook-timestamp"]) - time.time()) < 60
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.code) == ("sent", 3, 200)
    webhook.refresh_from_db()
    assert webhook.failing_since is None
    assert webhook.last_success_at is not None


def test_wh2_during_a_rotation_both_secrets_verify_and_afterwards_the_new_one(hook, run, receiver, task, owner):
    webhook = hook(events=["task.updated"])
    old, new = webhook.secret, services.rotate_secret(actor=owner, webhook=webhook).secret
    retitle(task, owner)
    run()
    Webhook.objects.update(old_until=timezone.now())
    retitle(task, owner, "A third")
    run()

    first, second = receiver.got
    assert old != new
    assert first.headers["webhook-signature"].count("v1,") == 2
    assert first.verified(old) == first.verified(new)
    assert second.verified(new)
    with pytest.raises(WebhookVerificationError):
        second.verified(old)


@pytest.mark.parametrize(
    ("status", "headers"), [(302, {"Location": "/elsewhere"}), (404, {}), (500, {}), (199 + 101, {})]
)
def test_wh5_whatever_is_no_2xx_has_failed_and_no_redirect_is_followed(
    hook, run, receiver, task, owner, status, headers
):
    hook(events=["task.updated"])
    receiver.answers = [(status, headers)]
    retitle(task, owner)

    run()

    assert len(receiver.got) == 1
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.code, delivery.attempts) == ("pending", status, 1)
    assert Webhook.objects.get().failing_since is not None


def test_wh5_410_disables_at_once_with_an_event_and_what_waits_has_failed(hook, run, receiver, task, owner, admin):
    webhook = hook(events=["task.updated"])
    receiver.answers = [410]
    retitle(task, owner)

    run()

    webhook.refresh_from_db()
    assert (webhook.state, webhook.disabled_reason) == ("disabled", "gone")
    assert Delivery.objects.get().state == "failed"
    assert Activity.objects.filter(type="webhook.disabled", object_id=webhook.pk).count() == 1
    retitle(task, owner, "A third")
    run()
    assert Delivery.objects.count() == 1


@pytest.mark.parametrize("status", [429, 503])
def test_wh5_retry_after_is_obeyed_up_to_a_day(hook, run, receiver, task, owner, status):
    hook(events=["task.updated"])
    receiver.answers = [(status, {"Retry-After": "7200"}), (status, {"Retry-After": "9999999"})]
    retitle(task, owner)

    run()
    waits = Delivery.objects.get().next_attempt_at - timezone.now()
    assert timedelta(minutes=110) < waits <= timedelta(minutes=120)
    run()
    waits = Delivery.objects.get().next_attempt_at - timezone.now()
    assert timedelta(hours=23) < waits <= timedelta(hours=24)


def test_wh6_the_table_of_attempts_and_after_the_tenth_it_has_failed(hook, run, receiver, task, owner):
    hook(events=["task.updated"])
    receiver.answers = [500]
    retitle(task, owner)
    table = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)

    for attempt, delay in enumerate(table, 1):
        waits = [settling.delay_after(attempt, Answer(500)) for _ in range(50)]
        assert delay * 0.8 <= min(waits) < max(waits) <= delay * 1.2
        run()
        assert (Delivery.objects.get().state, Delivery.objects.get().attempts) == ("pending", attempt)
    run()

    assert (Delivery.objects.get().state, len(receiver.got)) == ("failed", 10)


def test_wh6_a_body_that_drips_is_cut_and_has_failed(hook, run, receiver, task, owner, monkeypatch):
    monkeypatch.setattr(sending, "WHOLE_SECONDS", 0.5)
    hook(events=["task.updated"])
    is_over = threading.Event()
    receiver.answers = [dripping(is_over.is_set)]
    retitle(task, owner)

    run()

    is_over.set()
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.code) == ("pending", 200)
    assert "not complete" in delivery.error


def test_wh6_at_most_five_of_a_webhook_are_under_way_and_one_where_it_fails(hook, run, receiver, project, owner):
    from apps.webhooks.delivering.claims import due_ids

    slow, quick = hook(events=["task.created"]), hook(events=["task.created"])
    for number in range(8):
        TaskFactory(project=project, title=f"Task {number}")
    Delivery.objects.bulk_create(
        Delivery(
            webhook=webhook, project=project, event_id=f"00000000-0000-4000-8000-{number:012}", type="task.created"
        )
        for webhook in (slow, quick)
        for number in range(8)
    )
    of = dict(Delivery.objects.values_list("pk", "webhook_id"))

    assert sorted(of[pk] for pk in due_ids(limit=40, busy={})) == [slow.pk] * 5 + [quick.pk] * 5
    Webhook.objects.filter(pk=slow.pk).update(failing_since=timezone.now())
    assert sorted(of[pk] for pk in due_ids(limit=40, busy={})) == [slow.pk] + [quick.pk] * 5
    assert sorted(of[pk] for pk in due_ids(limit=40, busy={slow.pk: 1, quick.pk: 3})) == [quick.pk] * 2


def test_wh6_a_receiver_that_hangs_does_not_hold_up_another(hook, run, receiver, task, owner):
    other_has_come = threading.Event()

    def hang(handler):
        answered = 204 if other_has_come.wait(timeout=60) else 500
        handler.send_response(answered)
        handler.end_headers()

    def come(handler):
        other_has_come.set()
        handler.send_response(204)
        handler.end_headers()

    hook(events=["task.updated"])
    hook(events=["task.updated"])
    receiver.answers = [hang, come]
    retitle(task, owner)

    run()

    assert [row.state for row in Delivery.objects.all()] == ["sent", "sent"]


def test_wh6_the_job_that_delivers_makes_deliveries_of_new_events_itself(hook, receiver, task, owner):
    """A worker with a single process is busy with it for as long as a receiver hangs."""
    hook(events=["task.updated"])
    retitle(task, owner)

    deliver()

    assert [got.json["type"] for got in receiver.got] == ["task.updated"]


def test_wh6_what_becomes_due_while_the_last_receivers_are_waited_for_goes_out(
    hook, run, receiver, task, owner, monkeypatch
):
    """The time for new requests is over after the first: a clock of our own says so."""
    other_has_come = threading.Event()
    clock = iter([0, 1])
    monkeypatch.setattr(running, "time", SimpleNamespace(monotonic=lambda: next(clock, 21)))

    def hang(handler):
        handler.send_response(204 if other_has_come.wait(timeout=60) else 500)
        handler.end_headers()

    def come(handler):
        other_has_come.set()
        handler.send_response(204)
        handler.end_headers()

    webhooks = [hook(events=["task.updated"]), hook(events=["task.updated"])]
    receiver.answers = [hang, come]
    retitle(task, owner)
    fan_out()
    Delivery.objects.filter(webhook=webhooks[1]).update(next_attempt_at=timezone.now() + timedelta(seconds=1))
    deliver(seconds=20)

    assert [row.state for row in Delivery.objects.all()] == ["sent", "sent"]


def test_wh7_five_days_of_failures_disable_with_event_and_mail_to_owner_and_admins(
    hook, run, receiver, task, owner, admin, member
):
    webhook = hook(events=["task.updated"], description="The channel")
    receiver.answers = [500]
    retitle(task, owner)
    retitle(task, owner, "A third")
    run()
    Webhook.objects.update(failing_since=timezone.now() - timedelta(days=4, hours=23))
    run()
    assert Webhook.objects.get().state == "active"
    Webhook.objects.update(failing_since=timezone.now() - timedelta(days=5))

    run()

    webhook.refresh_from_db()
    assert (webhook.state, webhook.disabled_reason) == ("disabled", "failing")
    assert {row.state for row in Delivery.objects.all()} == {"failed"}
    assert Activity.objects.filter(type="webhook.disabled", actor=None).count() == 1
    rows = Notification.objects.filter(kind="webhook_disabled")
    assert {row.recipient_id for row in rows} == {owner.pk, admin.pk}
    Activity.objects.filter(type="webhook.disabled").get()


def test_wh7_enabling_begins_with_new_events_and_says_what_was_missed(hook, run, receiver, task, owner):
    webhook = services.disable_webhook(actor=owner, webhook=hook(events=["task.updated"]))
    retitle(task, owner)
    retitle(task, owner, "A third")
    run()
    assert Delivery.objects.count() == 0

    enabled = services.enable_webhook(actor=owner, webhook=webhook)
    retitle(task, owner, "A fourth")
    run()

    assert (enabled.missed, enabled.state, enabled.disabled_reason) == (2, "active", None)
    assert [got.json["data"]["changes"]["title"]["to"] for got in receiver.got] == ["A fourth"]


def test_o6_a_hold_after_a_restore_covers_webhooks_until_it_is_released(hook, run, receiver, task, owner):
    from django.core.management import call_command

    hook(events=["task.updated"])
    retitle(task, owner)
    Hold.objects.create(reason="restored")
    run()
    assert receiver.got == []
    call_command("release_mail", "--only", "mail")
    run()
    assert receiver.got == []

    call_command("release_mail", "--only", "webhooks")
    run()

    assert len(receiver.got) == 1
    assert Hold.objects.get().covers == ["relay"]
