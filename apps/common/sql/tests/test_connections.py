"""What a rollback leaves of a connection's prepared statements."""

from collections.abc import Iterator

import psycopg
import pytest
from django.db import connection

from apps.common.sql.connections import KeepingConnection

pytestmark = pytest.mark.django_db


@pytest.fixture
def kept() -> Iterator[KeepingConnection]:
    given = connection.get_connection_params()
    wanted = {key: given[key] for key in ("host", "port", "user", "password", "dbname") if key in given}
    with KeepingConnection.connect(**wanted) as opened:
        opened.execute("CREATE TEMPORARY TABLE notes (id bigint PRIMARY KEY, body text)")
        opened.commit()
        yield opened


def prepare(kept: KeepingConnection, text: str = "SELECT body FROM notes WHERE id = %s") -> None:
    kept.execute(text, [1], prepare=True)


def known(kept: KeepingConnection) -> list[str]:
    """Return the server's prepared statements."""
    rows = kept.execute("SELECT name FROM pg_prepared_statements ORDER BY name", prepare=False).fetchall()
    return [name for (name,) in rows]


def test_a_rejection_leaves_prepared_statements_and_nothing_that_was_written(kept: KeepingConnection):
    prepare(kept)
    before = known(kept)
    kept.commit()

    kept.execute("INSERT INTO notes VALUES (1, 'written')")
    prepare(kept)
    kept.rollback()

    assert kept.info.transaction_status == psycopg.pq.TransactionStatus.IDLE
    assert len(before) == 1
    assert known(kept) == before
    assert kept.execute("SELECT count(*) FROM notes").fetchone() == (0,)


def test_a_statement_prepared_in_a_transaction_outlives_its_rollback(kept: KeepingConnection):
    prepare(kept)
    names = known(kept)
    kept.rollback()
    prepare(kept)

    assert len(names) == 1
    assert known(kept) == names


def test_a_failed_statement_lets_go_of_all(kept: KeepingConnection):
    prepare(kept)
    assert len(known(kept)) == 1
    kept.commit()
    with pytest.raises(psycopg.errors.DivisionByZero):
        kept.execute("SELECT 1 / 0")
    kept.rollback()

    assert known(kept) == []


def test_a_statement_that_no_longer_fits_its_table_is_prepared_again_after_one_failure(kept: KeepingConnection):
    prepare(kept)
    kept.pgconn.exec_(b"ALTER TABLE notes ALTER body TYPE integer USING 1")  # as a migration does, elsewhere
    kept.commit()

    with pytest.raises(psycopg.errors.FeatureNotSupported, match="cached plan"):
        prepare(kept)
    kept.rollback()
    prepare(kept)


def test_a_lost_connection_says_so(kept: KeepingConnection):
    kept.execute("SELECT 1")
    pid = kept.info.backend_pid
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])

    with pytest.raises(psycopg.OperationalError):
        kept.rollback()
    assert kept.closed
