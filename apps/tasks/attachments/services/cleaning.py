"""The clean-up: uploads that broke off, files kept long enough, bytes without a row."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from django.conf import settings

from apps.common.dates.clock import database_now
from apps.common.errors import NotFoundError
from apps.common.transactions import write
from apps.tasks.attachments import storage
from apps.tasks.attachments.services.deleting import drop_from_task
from apps.tasks.attachments.services.detaching import mark_deleting
from apps.tasks.attachments.services.removing import remove_deleted
from apps.tasks.locking import lock_rows
from apps.tasks.models import Attachment, AttachmentQuerySet

BATCH = 1_000
UPLOAD_PATIENCE = timedelta(hours=24)
STRAY_PATIENCE = timedelta(hours=48)


@dataclass(frozen=True)
class Cleaning:
    """What a clean-up did, or would do: `uploads` that broke off, `expired` files of tasks long
    archived, `removed` rows with their files, names of `strays` without a row."""

    uploads: int
    expired: int
    removed: int
    strays: tuple[str, ...]


def clean_files(*, now: datetime | None = None, dry_run: bool = False) -> Cleaning:
    """Do all of the clean-up; `dry_run` changes nothing and reports what would be done.

    `now` is the database's clock unless a test says otherwise.
    """
    now = now or database_now()
    if dry_run:
        uploads, expired = broken_uploads(now=now).count(), kept_long_enough(now=now).count()
        waiting = Attachment.objects.deleting().count()
        return Cleaning(uploads, expired, waiting + uploads + expired, tuple(strays(now=now)))
    uploads = give_up_uploads(now=now)
    expired = expire_files(now=now)
    removed = remove_deleted()
    return Cleaning(uploads, expired, removed, tuple(remove_strays(now=now)))


def broken_uploads(*, now: datetime) -> AttachmentQuerySet:
    """Return the uploads that have not ended for 24 h: their process is gone."""
    return Attachment.objects.uploading().filter(created_at__lt=now - UPLOAD_PATIENCE)


def give_up_uploads(*, now: datetime) -> int:
    """Mark the broken uploads as deleting; return how many."""
    marked = 0
    while batch := list(broken_uploads(now=now).values_list("pk", flat=True)[:BATCH]):
        marked += mark_deleting(Attachment.objects.uploading().filter(pk__in=batch))
    return marked


def kept_long_enough(*, now: datetime) -> AttachmentQuerySet:
    """Return the files of tasks archived for longer than ATTACHMENT_RETENTION_DAYS; none when that is 0."""
    days = settings.ATTACHMENT_RETENTION_DAYS
    if not days:
        return Attachment.objects.none()
    return Attachment.objects.ready().filter(
        task__trash=None, project__trash=None, task__archived_at__lt=now - timedelta(days=days)
    )


def expire_files(*, now: datetime) -> int:
    """Take the files kept long enough from their tasks, with one history entry per task; return how many."""
    tasks = kept_long_enough(now=now).order_by("task_id").values_list("task_id", flat=True).distinct()
    return sum(_expire_files_of(task_id, now=now) for task_id in tasks.iterator(BATCH) if task_id is not None)


@write
def _expire_files_of(task_id: int, *, now: datetime) -> int:
    try:
        return drop_from_task(
            lock_rows(task_id).task, kept_long_enough(now=now), actor=None, verb="attachments_expired"
        )
    except NotFoundError:
        return 0  # deleted, moved or brought back since we looked


def strays(*, now: datetime) -> Iterator[str]:
    """Yield what lies in the storage without a row for longer than 48 h."""
    for names in _batches(storage.stored_names()):
        known = set(Attachment.objects.filter(storage_name__in=names).values_list("storage_name", flat=True))
        for name in sorted(set(names) - known):
            modified = storage.modified_at(name)
            if modified is not None and modified < now - STRAY_PATIENCE:
                yield name


def remove_strays(*, now: datetime) -> Iterator[str]:
    """Remove the strays, yielding their names."""
    for name in strays(now=now):
        storage.remove(name)
        yield name


def _batches(names: Iterable[str]) -> Iterator[list[str]]:
    iterator = iter(names)
    while batch := list(islice(iterator, BATCH)):
        yield batch
