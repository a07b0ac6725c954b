"""Deletion of expired rows in batches, so that no statement and no lock lasts long."""

from __future__ import annotations

from typing import TypeVar

from django.db import transaction
from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)

BATCH = 1_000  # rows per transaction


def purge(rows: QuerySet[M]) -> int:
    """Delete `rows`, a sorted queryset, one transaction per batch of BATCH; return the number of deleted rows.

    Rows that somebody else holds a lock on are left for the next run, and a row that no longer
    matches once it is locked stays. Rows deleted by a cascade are counted too.
    """
    purged = 0
    while True:
        with transaction.atomic():
            batch = list(rows.select_for_update(skip_locked=True, of=("self",)).values_list("pk", flat=True)[:BATCH])
            purged += rows.model._default_manager.filter(pk__in=batch).delete()[0]
        if len(batch) < BATCH:
            return purged
