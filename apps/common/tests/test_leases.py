"""Claims and leases of any table of work, seen from several database sessions and from a worker that is killed."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, models
from django.test.utils import isolate_apps
from django.utils import timezone

from apps.common import faults
from apps.common.background import leases
from apps.common.models import Leased
from apps.common.tests.crash import dies_at
from apps.common.tests.races import at_once

pytestmark = pytest.mark.django_db(transaction=True)

CLAIMED = "test.claimed"


def made_up_work() -> type[Leased]:
    class Work(Leased):
        state = models.CharField(max_length=10, default="waiting")
        note = models.TextField(default="")
        reason = models.TextField(default="")
        sent_at = models.DateTimeField(null=True)

        class Meta:
            app_label = "common"
            db_table = "made_work"
            indexes = [models.Index(fields=["next_attempt_at", "id"], condition=models.Q(state="waiting"), name="made")]

    return Work


@pytest.fixture
def queue() -> Iterator[leases.Queue[Leased]]:
    with isolate_apps("apps.common"):
        work = made_up_work()
    with connection.schema_editor() as editor:
        editor.create_model(work)
    yield leases.Queue(
        work,
        open="state = 'waiting'",
        paused="EXISTS (SELECT FROM made_work WHERE state = 'pause')",
        on_claim="note = 'claimed'",
        on_release="note = 'again'",
        not_before="sent_at + interval '30 s'",
    )
    with connection.schema_editor() as editor:
        editor.delete_model(work)


@pytest.fixture(autouse=True)
def _point(monkeypatch):
    monkeypatch.setattr(faults, "POINTS", faults.POINTS | {CLAIMED})


def add(queue, rows=1, **fields):
    return [queue.model.objects.create(**fields) for _ in range(rows)]


def waits(row) -> float:
    row.refresh_from_db()
    return (row.next_attempt_at - timezone.now()).total_seconds()


def claim_one(queue, lease=None):
    (row,) = leases.claim(queue, lease or uuid4(), limit=1)
    return row


def end_leases(queue):
    queue.model.objects.update(next_attempt_at=timezone.now() - timedelta(seconds=1))


def test_a_claim_takes_those_that_have_waited_longest_and_counts_the_attempt(queue):
    rows = add(queue, 3)
    queue.model.objects.filter(pk=rows[2].pk).update(next_attempt_at="2020-01-01T00:00:00Z")
    queue.model.objects.filter(pk=rows[0].pk).update(next_attempt_at="2021-01-01T00:00:00Z")
    lease = uuid4()

    claimed = leases.claim(queue, lease, limit=2)

    assert [row.pk for row in claimed] == [rows[0].pk, rows[2].pk]
    assert {(row.lease, row.attempts, row.note) for row in claimed} == {(lease, 1, "claimed")}
    assert all(118 < waits(row) <= 120 for row in claimed)


def test_what_is_claimed_closed_paused_or_waits_is_not_claimed(queue):
    add(queue, next_attempt_at=timezone.now() + timedelta(seconds=60))
    add(queue, state="done")
    (due,) = add(queue)
    (pause,) = add(queue, state="pause")
    assert (leases.claim(queue, uuid4(), limit=9), leases.count_due(queue, limit=9)) == ([], 0)

    pause.delete()

    assert leases.count_due(queue, limit=9) == 1
    assert claim_one(queue).pk == due.pk
    assert (leases.claim(queue, uuid4(), limit=9), leases.count_due(queue, limit=9)) == ([], 0)


def test_workers_that_claim_at_once_get_different_rows(queue):
    add(queue, 60)

    results = at_once(*[lambda: [row.pk for row in leases.claim(queue, uuid4(), limit=10)]] * 6)

    counted = Counter(pk for pks in results for pk in pks)
    print(f"\n6 workers, 60 rows: {len(counted)} claimed, {sum(counted.values()) - len(counted)} twice")
    assert sum(counted.values()) == len(counted) == 60


def test_a_lease_that_ran_out_changes_nothing_any_more(queue):
    add(queue)
    old = claim_one(queue)
    end_leases(queue)
    new = claim_one(queue)

    assert leases.renew(queue, old) is False
    assert leases.postpone(queue, old) is False
    assert leases.close(queue, old, "state = 'done'") is False
    assert leases.release(queue, [old]) == 0
    assert not leases.held(queue, old).exists()
    new.refresh_from_db()
    assert (new.state, new.attempts, new.note) == ("waiting", 2, "claimed")
    assert leases.close(queue, new, "state = %(state)s", state="done") is True
    new.refresh_from_db()
    assert (new.state, new.lease) == ("done", None)


def test_rows_of_one_claim_change_together_each_with_its_own_values_but_for_those_that_were_lost(queue):
    lost, first, second = add(queue, 3)
    claimed = leases.claim(queue, uuid4(), limit=3)
    queue.model.objects.filter(pk=lost.pk).update(lease=uuid4())
    queue.model.objects.update(next_attempt_at=timezone.now() + timedelta(seconds=1))
    notes = [f'{row.pk}: "quoted", \\ and {{braced}}' for row in claimed]

    assert leases.renew_all(queue, claimed) == {first.pk, second.pk}
    assert min(waits(first), waits(second)) > 118
    assert leases.close_all(
        queue, claimed, "state = %(state)s, note = given.words", each={"words": ("text", notes)}, state="done"
    ) == {first.pk, second.pk}
    assert leases.close_all(queue, claimed, "state = 'done'") == leases.renew_all(queue, []) == set()

    rows = {row.pk: row for row in queue.model.objects.all()}
    assert {pk: (row.state, row.lease, row.note) for pk, row in rows.items() if pk != lost.pk} == {
        claimed[place].pk: ("done", None, notes[place]) for place in (1, 2)
    }
    assert (rows[lost.pk].state, rows[lost.pk].note, waits(lost) < 2) == ("waiting", "claimed", True)


def test_renewing_begins_the_lease_anew(queue):
    add(queue)
    row = claim_one(queue)
    end_leases(queue)

    assert leases.renew(queue, row, "sent_at = clock_timestamp()") is True
    assert 118 < waits(row) <= 120
    assert row.sent_at is not None


def test_a_released_row_is_free_and_its_attempt_does_not_count(queue):
    add(queue, 2)
    first, second = leases.claim(queue, uuid4(), limit=2)
    leases.renew(queue, second, "sent_at = clock_timestamp()")

    assert leases.release(queue, [first, second], condition="sent_at IS NULL") == 1
    assert leases.release(queue, []) == 0

    assert waits(first) <= 0
    assert (first.attempts, first.lease, first.note) == (0, None, "again")
    assert waits(second) > 100


@pytest.mark.parametrize(("attempts", "longest"), [(1, 30), (2, 60), (3, 120), (7, 1920), (8, 3600), (500, 3600)])
def test_a_postponed_row_waits_30_s_doubling_up_to_an_hour_less_up_to_half(queue, attempts, longest):
    add(queue, attempts=attempts - 1)
    row = claim_one(queue)

    assert leases.postpone(queue, row, "state = 'waiting', reason = %(why)s", why="busy") is True

    assert longest / 2 - 5 <= waits(row) <= longest
    assert (row.lease, row.note, row.reason) == (None, "again", "busy")
    waited = [leases.backoff(attempts) for _ in range(200)]
    assert longest / 2 <= min(waited) < max(waited) <= longest
    assert max(waited) - min(waited) > longest / 4


def die_with(queue, *, sent: bool = False) -> None:
    """Claim a row in a process that is killed by SIGKILL with the lease in its hands."""

    def work():
        row = claim_one(queue, leases.open_lease())
        if sent:
            leases.renew(queue, row, "sent_at = clock_timestamp()")
        faults.fault_point(CLAIMED)

    assert dies_at(CLAIMED, work)
    while _living_claims():  # the server's process ends a moment after its client
        time.sleep(0.01)


def _living_claims() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND classid = %s", [leases.LOCK_CLASS]
        )
        return cursor.fetchone()[0]


def test_a_worker_killed_with_a_lease_loses_it_at_once(queue):
    (row,) = add(queue)
    die_with(queue)
    assert waits(row) > 100
    assert leases.claim(queue, uuid4(), limit=1) == []

    assert (leases.recover(queue), leases.recover(queue)) == (1, 0)

    assert claim_one(queue).attempts == 2


def test_a_worker_killed_without_a_look_for_dead_ones_loses_it_after_120_seconds(queue):
    (row,) = add(queue)
    die_with(queue)
    assert 100 < waits(row) <= leases.LEASE

    end_leases(queue)  # the time passes

    assert claim_one(queue).attempts == 2


def test_a_worker_killed_at_what_must_not_happen_twice_is_waited_for(queue):
    (row,) = add(queue)
    die_with(queue, sent=True)

    assert (leases.recover(queue), leases.recover(queue)) == (1, 0)

    assert 20 < waits(row) <= 30


def test_the_claims_of_a_living_worker_stay(queue):
    add(queue)
    with leases.held_lease() as lease:
        claim_one(queue, lease)
        assert leases.recover(queue) == 0
    assert leases.recover(queue) == 1


def test_a_postponed_row_is_not_taken_for_one_of_a_dead_worker(queue):
    add(queue)
    leases.postpone(queue, claim_one(queue))

    assert leases.recover(queue) == 0


def test_the_claim_reads_the_index_of_open_rows(queue):
    add(queue, 20, state="done")
    add(queue)
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        try:
            plan = queue.model.objects.filter(state="waiting", next_attempt_at__lte=timezone.now())
            text = plan.order_by("next_attempt_at", "id")[:5].explain()
        finally:
            cursor.execute("RESET enable_seqscan")

    assert "Index Scan using made" in text
