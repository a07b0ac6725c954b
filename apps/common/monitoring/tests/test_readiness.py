"""Readiness says how the parts are, in bounded time whatever hangs."""

import threading
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.common.monitoring import health
from apps.common.monitoring.heartbeat import beat
from apps.notifications.models import Notification

pytestmark = pytest.mark.django_db(transaction=True)


def test_all_parts_well_is_ok(client):
    beat("notifications.deliver")

    body = client.get("/health/ready/").json()

    assert body["status"] == "ok"
    assert body["last_beat_at"].endswith("Z")
    assert body["oldest_unsent_notification_seconds"] is None


def test_a_part_that_hangs_is_not_waited_for_and_costs_one_thread(client, monkeypatch):
    asked, answered = [], threading.Event()

    def hang():
        asked.append(1)
        answered.wait()  # for ever, if a request waited for it

    monkeypatch.setitem(health.PROBES, "broker", health.Probe(hang))
    try:
        first, second = client.get("/health/ready/"), client.get("/health/ready/")
    finally:
        answered.set()

    assert first.json()["broker"] == second.json()["broker"] == health.SILENT
    assert (first.status_code, first.json()["status"]) == (200, "degraded")
    assert asked == [1]


def test_a_database_that_hangs_is_a_503(client, monkeypatch):
    monkeypatch.setitem(health.PROBES, "database", health.Probe(lambda: time.sleep(6)))

    response = client.get("/health/ready/")

    assert (response.status_code, response.json()["status"]) == (503, "unavailable")


def test_an_old_unsent_mail_degrades_and_tells_its_age(client, owner):
    beat("notifications.deliver")
    Notification.objects.create(
        recipient=owner,
        kind="task_assigned",
        dedupe_key="old",
        mail_state="pending",
        queued_at=timezone.now() - timedelta(hours=1),
        next_attempt_at=timezone.now() - timedelta(hours=1),
    )

    body = client.get("/health/ready/").json()

    assert body["status"] == "degraded"
    assert 3_590 < body["oldest_unsent_notification_seconds"] < 3_700
    assert owner.username not in str(body)
