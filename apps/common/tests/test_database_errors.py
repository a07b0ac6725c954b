"""What PostgreSQL rejects becomes the client's answer, and a deadlock is tried again once."""

import threading

import pytest
from django.db import DatabaseError, OperationalError, connection, transaction

from apps.common.api.problems import as_domain_error, problem
from apps.common.errors import ConflictError, UnavailableError, ValidationError
from apps.common.sql.sqlstate import domain_error
from apps.common.tests.races import at_once
from apps.common.transactions import run_write, sqlstate_of, write
from apps.projects.models import Membership, Project
from apps.tasks.models import Task

BAD_VALUES = {
    "22001": "SELECT repeat('x', 200)::varchar(150) FROM users_user; UPDATE users_user SET username = repeat('x', 151)",
    "22003": "SELECT 2147483647 + 1::int",
    "22007": "SELECT 'x'::timestamptz",
    "22008": "SELECT '2026-13-01'::date",
    "22021": "SELECT convert_from('\\xff'::bytea, 'UTF8')",
    "22P02": "SELECT 'x'::int",
    "22P05": "SELECT '\"\\u0000\"'::jsonb::text",
}


def error_of(statement):
    with pytest.raises(DatabaseError) as caught, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    return caught.value


@pytest.mark.parametrize("state", BAD_VALUES)
def test_a_value_that_cannot_be_stored_is_a_400(db, owner, state):
    error = error_of(BAD_VALUES[state])

    assert sqlstate_of(error) == state
    assert isinstance(domain_error(error), ValidationError)


def test_what_exists_already_is_a_409(db):
    error = error_of("INSERT INTO common_heartbeat VALUES ('a', now()), ('a', now())")

    assert sqlstate_of(error) == "23505"
    assert isinstance(domain_error(error), ConflictError)


@pytest.mark.django_db(transaction=True)
def test_a_constraint_that_speaks_at_commit_is_a_409(project, owner):
    """The error leaves the transaction's block, so it is mapped outside of it."""

    @write
    def orphan_the_project():
        Membership.objects.filter(project=project).delete()

    with pytest.raises(DatabaseError) as caught:
        orphan_the_project()

    rejection = as_domain_error(caught.value)
    assert sqlstate_of(caught.value) == "23503"
    assert rejection is not None
    assert rejection.status == 409
    assert Membership.objects.filter(project=project).count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_lock_that_is_held_too_long_is_a_503_to_try_again(project):
    def wait_for_lock():
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = 50")
            Project.objects.select_for_update().get(pk=project.pk)

    with transaction.atomic():
        Project.objects.select_for_update().get(pk=project.pk)
        error = at_once(wait_for_lock)[0]

    rejection = domain_error(error)
    assert sqlstate_of(error) == "55P03"
    assert isinstance(rejection, UnavailableError)
    assert rejection.retry_after == 1


@pytest.mark.django_db(transaction=True)
def test_a_statement_that_runs_too_long_is_a_503(project):
    error = error_of("SET LOCAL statement_timeout = 20; SELECT pg_sleep(5)")

    assert sqlstate_of(error) == "57014"
    assert isinstance(domain_error(error), UnavailableError)


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_is_cut_is_a_503():
    def cut():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    error = at_once(cut)[0]

    assert isinstance(domain_error(error), UnavailableError)


def test_a_broken_check_is_our_bug(db):
    error = error_of("UPDATE projects_project SET key = 'lower'; SELECT 1/0")

    assert sqlstate_of(error) == "22012"
    assert domain_error(error) is None


@pytest.mark.django_db(transaction=True)
def test_a_deadlock_is_run_again_and_both_writes_are_there(project):
    one, two = (
        Task.objects.create(project=project, number=number, title="x", created_by=project.owner) for number in (1, 2)
    )
    meet = threading.Barrier(2)
    runs = []

    def write_both(first, second):
        def work():
            runs.append(first)
            Task.objects.filter(pk=first).update(duration=1)
            if len(runs) <= 2:  # on the first run only: the loser of the deadlock comes alone
                meet.wait()
            Task.objects.filter(pk=second).update(description="both")

        return lambda: run_write(work)

    results = at_once(write_both(one.pk, two.pk), write_both(two.pk, one.pk))

    assert results == [None, None]
    assert len(runs) == 3
    assert Task.objects.filter(duration=1, description="both").count() == 2


class Deadlock(Exception):
    sqlstate = "40P01"


def deadlocked():
    error = OperationalError("deadlock detected")
    error.__cause__ = Deadlock()
    return error


@pytest.mark.django_db(transaction=True)
def test_a_second_deadlock_in_a_row_is_a_503():
    runs = []

    def always():
        runs.append(1)
        raise deadlocked()

    with pytest.raises(OperationalError) as caught:
        run_write(always)

    assert len(runs) == 2
    assert isinstance(domain_error(caught.value), UnavailableError)


@pytest.mark.django_db(transaction=True)
def test_inside_another_transaction_nothing_is_repeated():
    runs = []

    def always():
        runs.append(1)
        raise deadlocked()

    with pytest.raises(OperationalError), transaction.atomic():
        run_write(always)

    assert len(runs) == 1


def test_h5_further_members_of_a_problem_stand_beside_its_code():
    error = ConflictError("There are too many.", code="too_many_labels", extra={"limit": 20})

    body = problem(error.status, error.code, error.detail, extra=error.extra)

    assert (body["code"], body["limit"]) == ("too_many_labels", 20)
