"""How a backup and the removal of files keep out of each other's way (docs/decisions/0040)."""

from __future__ import annotations

from django.db import connection


def is_backup_running() -> bool:
    """Return whether `scripts/backup` is copying files at this moment.

    Ask after the row that gives up a file is committed: a backup that begins later does not see the
    file any more, and one that runs now may still need it, so leave it to the next clean-up.
    """
    with connection.cursor() as cursor:
        # The backup holds the lock for itself until its files are copied.
        cursor.execute("SELECT pg_try_advisory_xact_lock_shared(hashtext('taskhouse.files'))")
        row = cursor.fetchone()
    return not (row and row[0])
