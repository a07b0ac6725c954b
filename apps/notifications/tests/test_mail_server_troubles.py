"""What the mail server may do, and what becomes of the row."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import override_settings
from django.utils import timezone

from apps.common.background import leases
from apps.notifications import services
from apps.notifications.delivery import outbox, sender
from apps.notifications.models import MailState, Notification
from apps.notifications.tests.mailbox import serving
from apps.notifications.tests.outbox_rows import make_due, notified, seconds_to_wait

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr(sender.time, "sleep", lambda seconds: None)


@pytest.mark.parametrize("step", ["RCPT", "DATA"])
def test_a_4xx_is_tried_again_later_under_the_same_message_id(owner, mailbox, step):
    row = notified(owner)
    mailbox.answers[step] = ["450 4.2.1 busy"]

    sender.deliver()

    row.refresh_from_db()
    assert (row.mail_state, row.attempts, row.data_started_at) == (MailState.PENDING, 1, None)
    assert row.reason == "450 4.2.1 busy"
    assert 14 < seconds_to_wait(row) <= 30

    make_due()
    assert sender.deliver().sent == 1
    assert Notification.objects.get().uncertain_count == 0


@pytest.mark.parametrize("step", ["RCPT", "DATA"])
def test_a_5xx_fails_at_once_and_the_next_row_goes_out(owner, mailbox, step):
    notified(owner)
    notified(owner)
    mailbox.answers[step] = ["550 5.1.1 no such mailbox"]

    sender.deliver()

    assert list(Notification.objects.order_by("id").values_list("mail_state", "attempts", "reason")) == [
        ("failed", 1, "550 5.1.1 no such mailbox"),
        ("sent", 1, ""),
    ]


def test_a_server_that_hangs_up_before_the_content_is_tried_again(owner, mailbox):
    row = notified(owner)
    mailbox.answers["RCPT"] = [None]

    sender.deliver()

    row.refresh_from_db()
    assert (row.mail_state, row.data_started_at, row.uncertain_count) == (MailState.PENDING, None, 0)


@pytest.mark.parametrize(("answer", "copies"), [(None, 1), ("keep", 2)])
def test_a_server_that_hangs_up_after_the_content_leaves_a_counted_doubt(owner, mailbox, answer, copies):
    row = notified(owner)
    mailbox.answers["DATA"] = [answer]

    sender.deliver()
    row.refresh_from_db()
    assert row.mail_state == MailState.PENDING
    assert row.data_started_at is not None

    make_due()
    sender.deliver()

    row.refresh_from_db()
    assert (row.mail_state, row.uncertain_count) == (MailState.SENT, 1)
    assert len(mailbox.mails) == copies
    assert len({mail["Message-ID"] for mail in mailbox.mails}) == 1


def test_a_session_that_ended_while_idle_is_opened_again_without_a_penalty(owner, mailbox):
    notified(owner)
    notified(owner)
    mailbox.answers["RCPT"] = ["250 OK", None, "250 OK"]

    assert sender.deliver().sent == 2

    assert mailbox.connections == 2
    assert set(Notification.objects.values_list("attempts", flat=True)) == {1}


def test_the_wait_doubles_up_to_an_hour():
    for attempts, most in ((1, 30), (2, 60), (3, 120), (8, 3600), (50, 3600)):
        waits = [leases.backoff(attempts) for _ in range(200)]
        assert most / 2 <= min(waits) < most * 0.6
        assert most * 0.9 < max(waits) <= most


def test_after_72_hours_of_trying_the_row_is_given_up(owner, mailbox):
    notified(owner)
    make_due(queued_at=timezone.now() - timedelta(hours=72, minutes=1))
    mailbox.answers["RCPT"] = ["450 4.2.1 busy"]

    sender.deliver()

    row = Notification.objects.get()
    assert (row.mail_state, row.reason) == (MailState.FAILED, "450 4.2.1 busy")


def test_giving_up_after_a_doubtful_attempt_counts_the_doubt(owner, mailbox):
    notified(owner)
    make_due(queued_at=timezone.now() - timedelta(hours=73))
    mailbox.answers["DATA"] = ["keep"]

    sender.deliver()

    row = Notification.objects.get()
    assert (row.mail_state, row.uncertain_count) == (MailState.FAILED, 1)


@override_settings(EMAIL_HOST="127.0.0.1", EMAIL_PORT=1)
def test_a_server_that_is_down_costs_no_row_an_attempt(owner):
    notified(owner)

    sender.deliver()

    row = Notification.objects.get()
    assert (row.mail_state, row.attempts, row.lease) == (MailState.PENDING, 0, None)
    assert sender.mail_breaker.is_open


def test_after_five_failures_in_a_row_nothing_is_claimed_for_30_seconds(owner, mailbox, monkeypatch):
    notified(owner)
    with override_settings(EMAIL_PORT=1):
        sender.deliver()
    assert sender.mail_breaker.seconds == 30

    assert sender.deliver().sent == 0
    assert mailbox.connections == 0

    monkeypatch.setattr(sender.mail_breaker, "_open_until", 0.0)  # 30 s later
    assert sender.deliver().sent == 1


def test_drops_after_the_content_open_the_breaker_before_all_rows_are_in_doubt(owner, mailbox):
    for _ in range(8):
        notified(owner)
    mailbox.answers["DATA"] = ["keep"] * 8

    sender.deliver()

    touched = Notification.objects.filter(data_started_at__isnull=False).count()
    assert touched == 5
    assert Notification.objects.filter(mail_state=MailState.PENDING, attempts=0).count() == 3


def test_a_server_that_goes_away_in_the_middle_gives_the_rest_back(owner, mailbox):
    for _ in range(3):
        notified(owner)
    mailbox.answers["CONNECT"] = ["250", "421", "421", "421", "421", "421", "421"]
    mailbox.answers["RCPT"] = ["250 OK", None]

    sender.deliver()

    assert [row.mail_state for row in Notification.objects.order_by("id")] == ["sent", "pending", "pending"]
    assert set(Notification.objects.exclude(mail_state="sent").values_list("attempts", flat=True)) == {0}


def test_a_fence_that_fails_sends_nothing(owner, mailbox):
    row = notified(owner)

    def somebody_else_claims():
        Notification.objects.filter(pk=row.pk).update(lease=None)

    original = outbox.fence

    def fence(row):
        somebody_else_claims()
        return original(row)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(outbox, "fence", fence)
        sender.deliver()

    assert mailbox.raw == []
    assert Notification.objects.get().mail_state == MailState.SENDING


def test_failed_and_suppressed_rows_can_be_sent_again(owner, mailbox):
    failed, suppressed, sent = notified(owner), notified(owner), notified(owner)
    Notification.objects.filter(pk=failed.pk).update(mail_state="failed", attempts=9, reason="550")
    Notification.objects.filter(pk=suppressed.pk).update(mail_state="suppressed")
    Notification.objects.filter(pk=sent.pk).update(mail_state="sent")

    assert services.resend(Notification.objects.all()) == 2

    assert sender.deliver().sent == 2
    assert Notification.objects.get(pk=failed.pk).attempts == 1


def test_a_restarted_server_is_found_again(owner, mailbox):
    with serving(type(mailbox)()) as first:
        notified(owner)
        sender.deliver()
    notified(owner)
    sender.deliver()

    assert (len(first.raw), len(mailbox.raw)) == (1, 1)
