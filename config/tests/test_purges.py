"""Every purge finds its rows by an index on their age, so that a run with nothing to do reads nothing."""

from __future__ import annotations

import re

import pytest
from celery import current_app
from django.conf import settings as configured
from django.db import connection

PURGES = sorted(
    entry["task"] for entry in configured.CELERY_BEAT_SCHEDULE.values() if "purge" in entry["task"].split(".")[-1]
)
BESIDE_MAILS = "users.token_expiry"
BY_ENTRY = "trash.purge"  # each goes by itself, with all its rows
AGE = re.compile(r"Index Cond: \(\(*\w*\.?(created_at|expires_at|started_at|revoked_at)\b")


@pytest.fixture
def batches():
    """Return the list that (statement, plan) of every batch that is looked for is added to."""
    found: list[tuple[str, str]] = []

    def explained(execute, sql, params, many, context):
        if "SKIP LOCKED" in sql:
            execute("SET LOCAL enable_seqscan = off", None, False, context)
            execute("SET LOCAL enable_bitmapscan = off", None, False, context)
            execute("SET LOCAL enable_sort = off", None, False, context)
            execute(f"EXPLAIN {sql}", params, False, context)
            found.append((sql, "\n".join(row[0] for row in context["cursor"].fetchall())))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explained):
        yield found


@pytest.mark.django_db
@pytest.mark.parametrize("job", sorted({*PURGES, BESIDE_MAILS} - {BY_ENTRY}))
def test_a_purge_looks_for_its_rows_by_their_age(job, batches, settings):
    settings.ACTIVITY_RETENTION_DAYS = settings.REPORT_RETENTION_DAYS = 1
    current_app.loader.import_default_modules()

    current_app.tasks[job].run()

    assert batches
    for sql, plan in batches:
        assert AGE.search(plan), f"{sql}\n{plan}"
        assert "Sort" not in plan, plan
