"""Deleting what is old, in batches, so that no statement or lock lasts long."""

from __future__ import annotations

from typing import TypeVar

from django.db.models import Model, QuerySet

M = TypeVar("M", bound=Model)

BATCH = 1_000


def purge(rows: QuerySet[M]) -> int:
    """Delete `rows`, which are sorted, 1,000 at a time; return how many rows went, cascades included."""
    purged = 0
    while True:
        batch = list(rows.values_list("pk", flat=True)[:BATCH])
        deleted, _ = rows.model._default_manager.filter(pk__in=batch).delete()
        purged += deleted
        if deleted < BATCH:
            return purged
