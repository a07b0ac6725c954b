"""Deletion in batches, and the purge of kept answers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from apps.common import jobs
from apps.common.background import purging
from apps.common.models import IdempotencyRecord
from apps.common.tests.races import at_once
from apps.users.tests.factories import UserFactory


def kept(user, key, **age):
    return IdempotencyRecord.objects.create(
        user=user,
        key=key,
        method="POST",
        path="/",
        fingerprint="",
        status=201,
        created_at=timezone.now() - timedelta(**age),
    )


def everything():
    return IdempotencyRecord.objects.order_by("created_at")


@pytest.mark.django_db
def test_kept_answers_are_purged_after_24_hours(owner):
    kept(owner, "old", hours=24, seconds=5)
    kept(owner, "older", days=100)
    kept(owner, "young", hours=23, minutes=59)

    jobs.purge_idempotency_keys()

    assert list(IdempotencyRecord.objects.values_list("key", flat=True)) == ["young"]


@pytest.mark.django_db
@pytest.mark.parametrize("rows", [0, 1, 2, 4, 5])
def test_each_batch_is_a_transaction_and_all_rows_go(owner, rows, monkeypatch):
    monkeypatch.setattr(purging, "BATCH", 2)
    for number in range(rows):
        kept(owner, str(number), days=2)

    assert purging.purge(everything()) == rows
    assert not everything().exists()


@pytest.mark.django_db(transaction=True)
def test_a_locked_row_is_left_for_the_next_run_and_holds_up_nothing():
    user = UserFactory()
    held, free = kept(user, "held", days=3), kept(user, "free", days=2)

    with transaction.atomic():
        IdempotencyRecord.objects.select_for_update().get(pk=held.pk)
        assert at_once(lambda: purging.purge(everything())) == [1]

    assert not IdempotencyRecord.objects.filter(pk=free.pk).exists()
    assert purging.purge(everything()) == 1


@pytest.mark.django_db(transaction=True)
def test_purges_at_once_delete_each_row_once():
    user = UserFactory()
    for number in range(60):
        kept(user, str(number), days=2)

    assert sum(at_once(*[lambda: purging.purge(everything())] * 3)) == 60


@pytest.mark.django_db
def test_the_purge_finds_old_rows_by_the_index(owner):
    kept(owner, "young", hours=1)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")

    plan = IdempotencyRecord.objects.expired(now=timezone.now()).order_by("created_at")[:9].explain()

    assert "idempotency_by_age" in plan
