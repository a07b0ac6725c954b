"""No index lets a write wait until what others have left there is sorted in."""

import pytest
from django.db import connection

GIN = """
SELECT index.relname, coalesce('fastupdate=off' = ANY (index.reloptions), false)
FROM pg_class index JOIN pg_am method ON method.oid = index.relam
WHERE method.amname = 'gin' AND index.relnamespace = 'public'::regnamespace
"""


@pytest.mark.django_db
def test_every_index_of_words_takes_a_write_at_once():
    with connection.cursor() as cursor:
        cursor.execute(GIN)
        found = dict(cursor.fetchall())

    assert {"task_kept_words", "task_words_by_project"} <= found.keys()
    assert [name for name, at_once in found.items() if not at_once] == []
