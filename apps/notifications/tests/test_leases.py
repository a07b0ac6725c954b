"""Claims and leases, seen from several database sessions at once."""

from __future__ import annotations

import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Thread

import pytest
from django.db import connection

from apps.common.background import leases
from apps.notifications import services
from apps.notifications.delivery import outbox, sender
from apps.notifications.models import MailState, Notification
from apps.notifications.tests.kinds_for_tests import Poked
from apps.notifications.tests.outbox_rows import make_due, notified, seconds_to_wait

pytestmark = pytest.mark.django_db(transaction=True)


def test_workers_that_claim_at_once_get_different_rows(owner):
    for _ in range(40):
        notified(owner)
    barrier = Barrier(4)

    def work(_):
        try:
            barrier.wait()
            return [row.pk for row in outbox.claim(uuid.uuid4(), limit=10)]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        claimed = [pk for pks in pool.map(work, range(4)) for pk in pks]

    assert len(claimed) == len(set(claimed)) == 40


def test_a_claim_counts_the_attempt_and_lasts_120_seconds(owner):
    notified(owner)

    (row,) = outbox.claim(outbox.open_lease(), limit=5)

    assert (row.mail_state, row.attempts) == (MailState.SENDING, 1)
    assert 118 < seconds_to_wait(row) <= 120
    assert outbox.claim(uuid.uuid4(), limit=5) == []


def test_a_row_whose_lease_ran_out_is_claimed_anew_and_the_old_lease_changes_nothing(owner):
    notified(owner)
    (old,) = outbox.claim(uuid.uuid4(), limit=1)
    make_due()
    (new,) = outbox.claim(uuid.uuid4(), limit=1)

    assert outbox.fence(old) is False
    assert outbox.mark_sent(old) is False
    assert outbox.postpone(old, "late", rejected=True) is False
    assert outbox.fail(old, "late") is False
    assert outbox.release([old]) == 0
    assert outbox.fence(new) is True
    assert outbox.mark_sent(new) is True


def test_a_fenced_row_that_is_claimed_anew_counts_as_uncertain(owner):
    notified(owner)
    (row,) = outbox.claim(uuid.uuid4(), limit=1)
    outbox.fence(row)
    make_due()

    (again,) = outbox.claim(uuid.uuid4(), limit=1)

    assert (again.uncertain_count, again.data_started_at, again.attempts) == (1, None, 2)


def test_the_fence_renews_the_lease(owner):
    notified(owner)
    (row,) = outbox.claim(uuid.uuid4(), limit=1)
    make_due()

    assert outbox.fence(row) is True
    assert seconds_to_wait(row) > 118


def _claim_in_a_session_that_dies(*, fenced: bool) -> None:
    def work() -> None:
        (row,) = outbox.claim(outbox.open_lease(), limit=1)
        if fenced:
            outbox.fence(row)
        connection.close()

    thread = Thread(target=work)
    thread.start()
    thread.join()
    while _locks_held():  # the server's process ends a moment after the connection
        time.sleep(0.01)


def _locks_held() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s", [leases.LOCK_CLASS]
        )
        return cursor.fetchone()[0]


def test_the_claims_of_a_dead_session_are_free_at_once(owner):
    row = notified(owner)
    _claim_in_a_session_that_dies(fenced=False)

    assert outbox.recover() == 1

    assert seconds_to_wait(row) <= 0
    assert outbox.recover() == 0


def test_a_dead_session_s_row_whose_content_was_going_out_waits_until_it_has_arrived_or_not(owner):
    row = notified(owner)
    _claim_in_a_session_that_dies(fenced=True)

    assert outbox.recover() == 1

    assert 25 < seconds_to_wait(row) <= 30
    assert outbox.recover() == 0


def test_the_claims_of_a_living_session_stay(owner):
    notified(owner)
    lease = outbox.open_lease()
    outbox.claim(lease, limit=1)

    assert outbox.recover() == 0

    outbox.close_lease(lease)
    assert outbox.recover() == 1


def test_a_mark_waits_for_a_database_that_went_away(owner, mailbox, monkeypatch):
    notified(owner)
    original, calls = outbox.mark_sent, []

    def mark(row):
        calls.append(row)
        if len(calls) == 1:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
        return original(row)

    monkeypatch.setattr(outbox, "mark_sent", mark)

    assert sender.deliver().sent == 1

    assert len(calls) == 2
    assert Notification.objects.get().mail_state == MailState.SENT


def test_two_senders_at_once_send_each_mail_once(owner, mailbox):
    for _ in range(80):
        notified(owner)

    def work(_):
        try:
            return sender.deliver().sent
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        sent = sum(pool.map(work, range(3)))

    assert sent == 80
    assert len(mailbox.mails) == len({mail["Message-ID"] for mail in mailbox.mails}) == 80


def test_a_backlog_goes_over_several_connections(owner, mailbox, settings):
    settings.EMAIL_CONNECTIONS = 3
    entries = (services.NotificationRequest(Poked, owner.pk, f"backlog:{number}") for number in range(4 * sender.BATCH))
    services.notify_many(entries)

    assert sender.deliver().sent == 4 * sender.BATCH

    assert mailbox.connections == 3
    assert len({mail["Message-ID"] for mail in mailbox.mails}) == 4 * sender.BATCH
