"""Delivering: what is still true goes out once, what is not is suppressed with its reason."""

from __future__ import annotations

import logging
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from apps.common.monitoring.request_id import RequestIdFilter, request_id_of
from apps.notifications.delivery import outbox, sender
from apps.notifications.models import Hold, MailState, Notification
from apps.notifications.tests.kinds_for_tests import AccountPoked, Poked
from apps.notifications.tests.outbox_rows import notified
from apps.users.tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def states() -> list[tuple[str, str]]:
    return list(Notification.objects.order_by("id").values_list("mail_state", "reason"))


def test_a_mail_goes_out_once_and_its_row_says_so(owner, mailbox):
    row = notified(owner)

    assert sender.deliver().sent == 1
    assert sender.deliver().sent == 0

    assert mailbox.envelopes == [("tasks@localhost", [owner.email])]
    row.refresh_from_db()
    assert (row.mail_state, row.attempts, row.lease, row.data_started_at) == (MailState.SENT, 1, None, None)
    assert row.sent_at is not None


def test_many_mails_go_over_one_connection(owner, mailbox):
    for _ in range(60):
        notified(owner)

    assert sender.deliver().sent == 60

    assert mailbox.connections == 1
    assert len({mail["Message-ID"] for mail in mailbox.mails}) == 60


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"rejection": "the task is done"}, "the task is done"),
        ({"gone": True}, "what it is about is gone or no longer visible to the recipient"),
    ],
)
def test_what_is_no_longer_true_is_suppressed_with_the_reason(owner, mailbox, data, reason):
    notified(owner, **data)

    sender.deliver()

    assert states() == [("suppressed", reason)]
    assert mailbox.raw == []


def test_who_was_deactivated_meanwhile_gets_no_mail(owner, mailbox):
    notified(owner)
    get_user_model().objects.update(is_active=False)

    sender.deliver()

    assert states() == [("suppressed", "the recipient is not active")]
    assert mailbox.raw == []


def test_who_switched_the_kind_off_meanwhile_gets_no_mail_of_it(owner, mailbox):
    notified(owner)
    notified(owner, AccountPoked)
    get_user_model().objects.update(
        notification_preferences={"poked": {"email": False}, "account_poked": {"email": False}}
    )

    sender.deliver()

    assert states() == [("suppressed", "switched off by the recipient"), ("sent", "")]


def test_what_was_asked_long_ago_is_asked_again_before_it_goes_out(owner, mailbox, monkeypatch):
    """Ten slow mails must not let the tenth go out by what was true before the first."""
    monkeypatch.setattr(sender, "FRESH", 0.0)
    rows = [notified(owner) for _ in range(2)]
    mailbox.before_data = lambda: None
    asked = []
    original = Poked.load.__func__

    def load(cls, rows):
        asked.append(len(rows))
        if len(asked) == 2:
            Notification.objects.filter(pk=rows[0].pk).update(data={"gone": True})
            rows[0].data = {"gone": True}
        return original(cls, rows)

    monkeypatch.setattr(Poked, "load", classmethod(load))

    sender.deliver()

    assert asked == [2, 1]
    assert [row.mail_state for row in Notification.objects.order_by("id")] == ["sent", "suppressed"]
    assert len(rows) == 2


def test_a_row_that_cannot_be_rendered_fails_alone(owner, mailbox):
    for data in ({}, {"broken": True}, {}):
        notified(owner, **data)

    sender.deliver()

    assert states() == [
        ("sent", ""),
        ("failed", "cannot be rendered: ValueError: these words cannot be made"),
        ("sent", ""),
    ]


def test_a_row_that_breaks_its_family_s_loader_fails_alone(owner, mailbox, monkeypatch):
    for data in ({}, {"breaks_loading": True}, {}):
        notified(owner, **data)

    def load(cls, rows):
        if any(row.data.get("breaks_loading") for row in rows):
            raise KeyError("loading")
        return {row.pk: row.data for row in rows}

    monkeypatch.setattr(Poked, "load", classmethod(load))

    sender.deliver()

    assert [state for state, _ in states()] == ["sent", "failed", "sent"]


def test_a_row_of_a_kind_that_nobody_knows_fails_alone(owner, mailbox):
    row, other = notified(owner), notified(owner)
    Notification.objects.filter(pk=row.pk).update(kind="forgotten")

    sender.deliver()

    assert states() == [("failed", "cannot be rendered: unknown kind"), ("sent", "")]
    assert other.pk > row.pk


def test_an_address_that_is_none_fails_its_row(mailbox):
    notified(UserFactory(email="two@example.org, more@example.org"))

    sender.deliver()

    assert states() == [("failed", "cannot be rendered: the address is not valid")]


def test_log_lines_of_a_mail_carry_the_id_of_the_request_that_caused_it(owner, mailbox, caplog):
    with request_id_of("request-7"):
        notified(owner)
    caplog.set_level(logging.INFO, logger="apps.notifications")
    seen = []
    handler = logging.Handler()
    handler.emit = lambda record: seen.append((getattr(record, "request_id", None), record.getMessage()))
    handler.addFilter(RequestIdFilter())
    logging.getLogger("apps.notifications.delivery.sender").addHandler(handler)
    try:
        sender.deliver()
    finally:
        logging.getLogger("apps.notifications.delivery.sender").removeHandler(handler)

    assert [request_id for request_id, text in seen if "sent" in text] == ["request-7"]
    assert owner.email not in caplog.text


def test_nothing_goes_out_while_mail_is_held(owner, mailbox):
    notified(owner)
    Hold.objects.create(reason="restored")

    sender.deliver()

    assert states() == [("pending", "")]
    assert mailbox.raw == []


def test_the_statements_per_mail_do_not_grow(owner, mailbox, django_assert_num_queries, monkeypatch):
    monkeypatch.setattr(sender, "FRESH", 600)  # a slow machine asks again on the way
    for _ in range(sender.BATCH):
        notified(owner)
    sender._recover_now_and_then()

    # due, lease, claim, recipients, fence and mark of each, claim of nothing, lease
    with django_assert_num_queries(6 + 2 * sender.BATCH):
        assert sender.deliver().sent == sender.BATCH


def test_a_run_ends_with_its_time_and_says_that_there_is_more(owner, mailbox):
    notified(owner)

    assert sender.deliver(seconds=0).more is True
    assert [state for state, _ in states()] == ["pending"]


def test_purging_spares_what_is_open_or_young(owner):
    old, waiting, young = notified(owner), notified(owner), notified(owner)
    long_ago = timezone.now() - timedelta(days=91)
    Notification.objects.filter(pk__in=[old.pk, waiting.pk]).update(created_at=long_ago)
    Notification.objects.exclude(pk=waiting.pk).update(mail_state=MailState.SENT)

    assert outbox.purge(days=90) == 1

    assert set(Notification.objects.values_list("pk", flat=True)) == {waiting.pk, young.pk}
