"""What an operator sees and does: admin, doctor, readiness, hold and release, sweep."""

from __future__ import annotations

import os
import signal
from datetime import timedelta

import pytest
from celery import current_app
from django.core.management import call_command
from django.utils import timezone

from apps.common.management.commands import sweep
from apps.common.models import Heartbeat
from apps.common.monitoring.doctor import CHECKS
from apps.notifications import monitoring
from apps.notifications.delivery import sender
from apps.notifications.models import Hold, Notification
from apps.notifications.tests.outbox_rows import make_due, notified
from apps.users.models import User
from apps.users.tests.factories import UserFactory

pytestmark = pytest.mark.django_db

ADMIN = "/admin/notifications/notification/"


@pytest.fixture
def superuser():
    return User.objects.create_superuser("root", "root@example.org", "a long password")


def test_the_admin_shows_the_ledger_without_a_query_per_row(client, superuser, django_assert_max_num_queries):
    for number in range(20):
        notified(UserFactory(username=f"person{number}"))
    client.force_login(superuser)

    with django_assert_max_num_queries(8):
        page = client.get(ADMIN)

    assert b"person19" in page.content


@pytest.mark.parametrize("query", ["?mail_state__exact=failed", "?uncertain=yes", "?q=person", "?kind=poked"])
def test_the_admin_filters_and_searches(client, superuser, query):
    notified(UserFactory(username="person"))
    client.force_login(superuser)

    assert client.get(ADMIN + query).status_code == 200


def test_the_admin_cannot_write_the_ledger(client, superuser, owner):
    row = notified(owner)
    client.force_login(superuser)

    assert client.get(f"{ADMIN}add/").status_code == 403
    assert client.post(f"{ADMIN}{row.pk}/change/", {"kind": "x"}).status_code == 403
    assert client.post(f"{ADMIN}{row.pk}/delete/", {"post": "yes"}).status_code == 403
    assert client.get(f"{ADMIN}{row.pk}/change/").status_code == 200


def test_the_admin_sends_again_what_was_given_up(client, superuser, owner):
    failed, sent = notified(owner), notified(owner)
    Notification.objects.filter(pk=failed.pk).update(mail_state="failed", reason="550")
    Notification.objects.filter(pk=sent.pk).update(mail_state="sent")
    client.force_login(superuser)

    client.post(ADMIN, {"action": "resend", "_selected_action": [failed.pk, sent.pk]})

    assert dict(Notification.objects.values_list("pk", "mail_state")) == {failed.pk: "pending", sent.pk: "sent"}


def findings() -> list[tuple[str, str]]:
    return [(finding.level.value, finding.text) for finding in CHECKS["mail"]()]


def test_doctor_says_that_mail_flows(owner):
    notified(owner)

    assert findings() == [("ok", "flows")]


def test_doctor_lists_what_is_late_given_up_and_uncertain(owner):
    late, failed, uncertain = notified(owner), notified(owner), notified(owner)
    Notification.objects.filter(pk=late.pk).update(queued_at=timezone.now() - timedelta(minutes=6))
    Notification.objects.filter(pk=failed.pk).update(mail_state="failed")
    Notification.objects.filter(pk=uncertain.pk).update(mail_state="sent", uncertain_count=1)

    texts = dict(reversed(finding) for finding in findings())

    assert texts["1 given up"] == "warn"
    assert texts[f"1 may have arrived twice: rows {uncertain.pk}"] == "warn"
    assert [level for text, level in texts.items() if text.startswith("the oldest unsent mail")] == ["fail"]


def test_readiness_tells_the_age_of_the_oldest_unsent_mail(client, owner, settings):
    assert monitoring.oldest_unsent() is None
    row = notified(owner)
    assert monitoring.oldest_unsent() == row.queued_at

    Notification.objects.update(next_attempt_at=timezone.now() + timedelta(seconds=30))
    assert monitoring.oldest_unsent() is None


def test_metrics_count_open_and_given_up_mails(owner):
    notified(owner)
    Notification.objects.filter(pk=notified(owner).pk).update(mail_state="failed", uncertain_count=1)

    assert monitoring.open_mails() == {"pending": 1.0, "sending": 0.0, "failed": 1.0}
    assert monitoring.uncertain() == {"": 1.0}
    assert monitoring.age()[""] >= 0.0


def test_held_mail_goes_out_after_its_release(owner, mailbox, capsys):
    notified(owner)
    Hold.objects.create(reason="restored from a copy")
    assert findings()[0] == ("warn", "held: restored from a copy")
    sender.deliver()
    assert mailbox.raw == []

    call_command("release_mail")

    assert "restored from a copy" in capsys.readouterr().out
    assert sender.deliver().sent == 1


def test_held_mail_can_be_dropped(owner, mailbox, capsys):
    notified(owner)
    Hold.objects.create(reason="restored")

    call_command("release_mail", "--drop")

    assert "1 waiting mails were dropped" in capsys.readouterr().out
    assert sender.deliver().sent == 0
    assert Notification.objects.get().reason == "dropped after a restore"


def test_releasing_what_is_not_held_says_so(capsys):
    call_command("release_mail")

    assert "not held" in capsys.readouterr().out


@pytest.mark.django_db(transaction=True)
def test_sweep_does_what_beat_would_do(owner, mailbox, settings):
    settings.CELERY_BEAT_SCHEDULE = {
        name: {"task": f"notifications.{name}", "schedule": 10} for name in ("deliver", "purge")
    }
    notified(owner)

    call_command("sweep")

    assert len(mailbox.raw) == 1
    assert set(Heartbeat.objects.values_list("name", flat=True)) == {"notifications.deliver", "notifications.purge"}


@pytest.mark.django_db(transaction=True)
def test_sweep_goes_on_after_a_job_that_breaks_and_ends_with_1(owner, mailbox, settings, capsys):
    settings.CELERY_BEAT_SCHEDULE = {
        name: {"task": name, "schedule": 10} for name in ("no.such.job", "notifications.deliver")
    }
    notified(owner)
    make_due()

    with pytest.raises(SystemExit) as ended:
        call_command("sweep")

    assert ended.value.code == 1
    assert "no.such.job" in capsys.readouterr().err
    assert len(mailbox.raw) == 1


def test_sweeping_in_a_loop_runs_each_job_at_its_interval_until_it_is_told_to_end(settings, monkeypatch):
    settings.CELERY_BEAT_SCHEDULE = {
        "often": {"task": "often", "schedule": 0.01},
        "seldom": {"task": "seldom", "schedule": 3600},
    }
    ran: list[str] = []

    def run(job: str) -> bool:
        ran.append(job)
        if ran.count("often") == 5:
            os.kill(os.getpid(), signal.SIGTERM)
        return True

    monkeypatch.setattr(sweep, "run", run)
    monkeypatch.setattr(sweep, "PAUSE", 0.01)
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        call_command("sweep", "--loop")
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)

    assert (ran.count("often"), ran.count("seldom")) == (5, 1)


def test_a_job_that_has_more_to_do_goes_on_at_once(monkeypatch):
    answers = iter([True, True, None])
    monkeypatch.setitem(current_app.tasks, "busy", lambda: next(answers))

    assert sweep.run("busy") is True
    assert next(answers, "none left") == "none left"
