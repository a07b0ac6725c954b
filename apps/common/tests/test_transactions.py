"""A write that finds itself under the wrong locks starts again."""

from __future__ import annotations

import pytest
from django.db import connection, transaction

from apps.common.transactions import RESTARTS, run_write, start_again, write
from apps.users.models import User
from apps.users.tests.factories import UserFactory


def held_locks() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid()")
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_starting_again_undoes_what_was_written_and_frees_the_locks():
    found = []

    def work():
        with connection.cursor() as cursor:
            found.append(held_locks())
            cursor.execute("SELECT pg_advisory_xact_lock(7)")
        user = UserFactory()
        if len(found) < 3:
            start_again()
        return user.pk

    kept = run_write(work)

    assert found == [0, 0, 0]
    assert list(User.objects.values_list("pk", flat=True)) == [kept]


@pytest.mark.django_db(transaction=True)
def test_an_inner_write_starts_the_outermost_again():
    runs = []

    @write
    def inner():
        if len(runs) < 2:
            start_again()

    def outer():
        runs.append("outer")
        inner()

    run_write(outer)

    assert runs == ["outer", "outer"]


@pytest.mark.django_db(transaction=True)
def test_a_write_that_always_meets_others_goes_on_in_the_end():
    runs = []

    def work():
        runs.append("run")
        start_again()
        return "done"

    assert run_write(work) == "done"
    assert len(runs) == RESTARTS + 1


@pytest.mark.django_db(transaction=True)
def test_inside_a_larger_transaction_nothing_starts_again():
    runs = []

    def work():
        runs.append("run")
        start_again()

    with transaction.atomic():
        run_write(work)

    assert runs == ["run"]
