"""Files of many tasks at once, as they were elsewhere: the door of imports (contract IM7)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import F

from apps.common.errors import DomainError, InsufficientStorageError, ValidationError
from apps.projects.models import Project
from apps.projects.services import record_events
from apps.tasks.attachments import storage
from apps.tasks.attachments.content_types import identify
from apps.tasks.attachments.services.detaching import reserve_bytes
from apps.tasks.attachments.services.uploading import event_of_file
from apps.tasks.models import Attachment, AttachmentState, Task


@dataclass(frozen=True, kw_only=True)
class ImportedFile:
    """A file as it is to be attached: `chunks` yields its bytes, and may raise a DomainError."""

    task: Task
    name: str
    chunks: Callable[[], Iterable[bytes]]
    uploaded_by_id: int
    uploaded_at: datetime


def import_files(project: Project, files: Sequence[ImportedFile], *, actor_id: int) -> list[str]:
    """Attach files to tasks of the locked project, archived ones too; return, for each, why it was not taken, or "".

    Types, sizes and the quota are those of an upload. The caller has judged the rights. What a transaction that is
    rolled back leaves in the storage has no row, and the clean-up finds it. Raises InsufficientStorageError.
    """
    reasons, taken = [], []
    try:
        for each in files:
            try:
                taken.append((each, _take(each, project)))
                reasons.append("")
            except InsufficientStorageError:
                raise
            except DomainError as error:
                reasons.append(_reason(error))
        _keep([row for _, row in taken])
    except BaseException:
        for _, row in taken:
            storage.remove(row.storage_name)
        raise
    record_events(project.pk, [event_of_file(row, each.task) for each, row in taken], actor_id=actor_id)
    return reasons


def _keep(rows: Sequence[Attachment]) -> None:
    Attachment.objects.bulk_create(rows)
    for total, ids in _by_count(rows).items():
        Task.objects.filter(pk__in=ids).update(attachments_count=F("attachments_count") + total)


def _by_count(rows: Sequence[Attachment]) -> dict[int, list[int]]:
    """Return the ids of tasks by how many of the files are theirs."""
    found: dict[int, list[int]] = {}
    for task_id, total in Counter(row.task_id for row in rows).items():
        found.setdefault(total, []).append(task_id or 0)
    return found


def _take(file: ImportedFile, project: Project) -> Attachment:
    """Bring the bytes of a file to their place and count them; return its row, not saved. Raises DomainErrors."""
    storage.require_room(0)
    name = storage.new_name()
    incoming = storage.IncomingFile(name, limit=settings.ATTACHMENT_MAX_BYTES)
    try:
        for chunk in file.chunks():
            incoming.write(chunk)
        if not incoming.size:
            raise ValidationError.at("/file", "empty", "The file is empty.")
        incoming.seal()
        content_type = identify(incoming.path, name=file.name)
        reserve_bytes(project.pk, incoming.size)
        incoming.place()
    except BaseException:
        incoming.close()
        storage.remove(name)
        raise
    return Attachment(
        task=file.task,
        project=project,
        uploaded_by_id=file.uploaded_by_id,
        name=file.name,
        storage_name=name,
        size=incoming.size,
        sha256=incoming.sha256,
        content_type=content_type,
        state=AttachmentState.READY,
        created_at=file.uploaded_at,
        uploaded_at=file.uploaded_at,
    )


def _reason(error: DomainError) -> str:
    return error.errors[0].detail if isinstance(error, ValidationError) and error.errors else error.detail
