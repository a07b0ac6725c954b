"""Files that belong to one row each, under its `storage_name`: exports and imports."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from apps.tasks.attachments import storage


def delete_with_files(rows: QuerySet[Any]) -> None:
    """Delete rows, and their files after the commit; what is left then is a stray file."""
    for row in rows:
        storage_name = row.storage_name
        row.delete()
        if storage_name:
            transaction.on_commit(lambda name=storage_name: storage.remove(name), robust=True)  # type: ignore[misc]


def remove_strays(folder: str, rows: QuerySet[Any], *, before: datetime) -> int:
    """Remove the files in `folder` that none of `rows` has and that were last written `before`; return how many."""
    removed = 0
    for name in list(storage.stored_names(folder)):
        modified = storage.modified_at(name)
        is_old = modified is not None and modified < before
        if is_old and not rows.filter(storage_name=name).exists():
            storage.remove(name)
            removed += 1
    return removed
