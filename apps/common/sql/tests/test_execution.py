"""Statements that psycopg has prepared are executed without a cursor: what its cursors do otherwise is done as well."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction
from psycopg.types.numeric import Int8

from apps.common.sql.execution import at_once, cursor_of
from apps.common.sql.statements import prepared
from apps.users.tests.factories import UserFactory

pytestmark = pytest.mark.django_db

BODY = b"SELECT body FROM notes WHERE id = $1"


@pytest.fixture
def opened() -> Iterator[psycopg.Connection[Any]]:
    given = connection.get_connection_params()
    wanted = {key: given[key] for key in ("host", "port", "user", "password", "dbname") if key in given}
    with psycopg.connect(**wanted, autocommit=True) as found:
        found.execute("CREATE TEMPORARY TABLE notes (id bigint PRIMARY KEY, body text)")
        found.execute("INSERT INTO notes VALUES (1, 'one')")
        yield found


def by_cursor(opened: psycopg.Connection[Any], statement: bytes, values: list[Any]) -> list[tuple[Any, ...]]:
    return cursor_of(opened).execute(statement, values, prepare=True).fetchall()


@pytest.mark.parametrize("value", ["“text” \\ '", "", None, True, 2.5, Int8(7), Int8(2**40), "{1,2}"])
def test_a_value_comes_and_goes_as_with_a_cursor(opened, value):
    statement = b"SELECT $1, NULL, now()::timestamptz(0), '{\"a\": 1}'::json, ARRAY[1, 2], 1.5::numeric, current_date"

    with opened.transaction():  # one now for both
        rows = by_cursor(opened, statement, [value])
        assert at_once(opened, statement, [value]) == (rows, 1)


def test_rows_that_were_touched_are_counted(opened):
    written = b"INSERT INTO notes SELECT number, 'more' FROM generate_series($1::bigint, $2) number"
    deleted = b"DELETE FROM notes WHERE id > $1 RETURNING body"
    cursor_of(opened).execute(written, [Int8(2), Int8(4)], prepare=True)
    by_cursor(opened, deleted, [Int8(99)])

    assert at_once(opened, written, [Int8(5), Int8(9)]) == ([], 5)
    assert at_once(opened, deleted, [Int8(7)]) == ([("more",), ("more",)], 2)


def test_what_psycopg_has_not_prepared_or_has_dropped_is_a_cursor_s_to_do(opened):
    assert at_once(opened, BODY, [Int8(1)]) is None
    by_cursor(opened, BODY, [Int8(1)])
    assert at_once(opened, BODY, [Int8(1)]) == ([("one",)], 1)
    assert at_once(opened, BODY, ["1"]) is None  # another type, another statement

    opened.autocommit = False
    opened.execute("SELECT 1")
    opened.rollback()  # psycopg lets the server forget all of them
    opened.autocommit = True
    assert at_once(opened, BODY, [Int8(1)]) is None
    by_cursor(opened, BODY, [Int8(1)])

    opened.prepared_max = 1
    for number in range(3):
        by_cursor(opened, b"SELECT %d" % number, [])
    assert at_once(opened, BODY, [Int8(1)]) is None


def test_a_cursor_begins_transactions_and_is_told_of_those_that_have_failed(opened):
    by_cursor(opened, BODY, [Int8(1)])
    opened.autocommit = False
    assert at_once(opened, BODY, [Int8(1)]) is None
    opened.execute("SELECT 1")
    assert at_once(opened, BODY, [Int8(1)]) == ([("one",)], 1)
    with pytest.raises(psycopg.errors.DivisionByZero):
        opened.execute("SELECT 1 / 0")
    assert at_once(opened, BODY, [Int8(1)]) is None


def test_a_rejected_write_says_why_and_can_be_tried_again(opened):
    written = b"INSERT INTO notes VALUES ($1, 'again')"
    cursor_of(opened).execute(written, [Int8(2)], prepare=True)

    with pytest.raises(psycopg.errors.UniqueViolation, match="notes_pkey") as raised:
        at_once(opened, written, [Int8(1)])
    assert raised.value.diag.constraint_name == "notes_pkey"
    assert at_once(opened, written, [Int8(3)]) == ([], 1)


def test_a_lost_connection_says_so(opened):
    by_cursor(opened, BODY, [Int8(1)])
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [opened.info.backend_pid])

    with pytest.raises(psycopg.OperationalError):
        at_once(opened, BODY, [Int8(1)])
    assert opened.closed


@pytest.mark.django_db(transaction=True)
def test_what_a_transaction_writes_is_rolled_back_with_it():
    user = UserFactory(nickname="before")
    text = "UPDATE users_user SET nickname = %s WHERE id = %s"
    for _ in range(2):
        assert prepared(text, ["before", user.pk]) == ([], 1)

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        for name in ("first", "second"):
            assert prepared(text, [name, user.pk]) == ([], 1)
        raise ZeroDivisionError
    user.refresh_from_db()
    assert user.nickname == "before"

    for name in ("alone", None):
        with pytest.raises(IntegrityError) if name is None else transaction.atomic(), transaction.atomic():
            prepared(text, [name, user.pk])
    user.refresh_from_db()
    assert user.nickname == "alone"


def test_a_statement_that_runs_again_needs_no_cursor(monkeypatch):
    prepared("SELECT %s::text", ["prepared by a cursor"])
    monkeypatch.setattr(psycopg.RawCursor, "execute", None)

    assert prepared("SELECT %s::text", ["one"]) == ([("one",)], 1)
