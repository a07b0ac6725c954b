"""Removing the bytes of files that are marked as deleting, and then their rows."""

from __future__ import annotations

import logging

from apps.common.backups import is_backup_running
from apps.common.faults import declare, fault_point
from apps.tasks.attachments import storage
from apps.tasks.models import Attachment

logger = logging.getLogger(__name__)

BATCH = 1_000

declare("delete.before_unlink", "delete.unlinked", "delete.row_dropped")


def remove_deleted() -> int:
    """Remove every file marked as deleting, and its row; return how many rows went.

    Safe to run any number of times at once: a file that is already gone is fine. One that cannot be
    removed keeps its row for the next time and holds up no other. While a backup runs nothing goes.
    """
    removed, last = 0, 0
    while batch := list(Attachment.objects.deleting().filter(pk__gt=last).order_by("pk")[:BATCH]):
        if is_backup_running():
            logger.info("A backup is running: %s files wait for the next clean-up", len(batch))
            break
        for attachment in batch:
            try:
                remove_file(attachment)
                removed += 1
            except OSError:
                logger.warning("The file of attachment %s cannot be removed yet", attachment.pk, exc_info=True)
        last = batch[-1].pk
    return removed


def remove_file(attachment: Attachment) -> None:
    """Remove the bytes and then the row of a file marked as deleting; raises OSError when the storage fails."""
    fault_point("delete.before_unlink")
    storage.remove(attachment.storage_name)
    fault_point("delete.unlinked")
    Attachment.objects.deleting().filter(pk=attachment.pk).delete()
    fault_point("delete.row_dropped")
