"""Taking a file in: the row before the file, and ready only when every byte is on the disk."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, DatabaseError
from django.utils import timezone

from apps.common.errors import ConflictError, NotFoundError
from apps.common.faults import declare, fault_point
from apps.common.sql.statements import bound, prepared
from apps.common.transactions import write
from apps.projects.events import EventType
from apps.projects.services import Event, record_event, require_active
from apps.tasks.attachments.content_types import identify
from apps.tasks.attachments.services.detaching import mark_deleting, reserve_bytes
from apps.tasks.attachments.services.removing import remove_file
from apps.tasks.attachments.storage import IncomingFile, new_name, require_room
from apps.tasks.locking import Authority, lock_task
from apps.tasks.models import Attachment, AttachmentState, Task
from apps.users.models import User

logger = logging.getLogger(__name__)

BEGUN = """
INSERT INTO tasks_attachment (
    task_id, project_id, uploaded_by_id, name, storage_name, state, created_at, size, content_type, sha256
) VALUES (%(task)s, %(project)s, %(actor)s, %(name)s, %(storage_name)s, %(state)s, %(now)s, 0, '', '') RETURNING id
"""
# Nothing is counted for a row that the clean-up has given up
READY = """
WITH ready AS (
    UPDATE tasks_attachment SET state = 'ready', size = %(size)s, sha256 = %(sha256)s,
        content_type = %(content_type)s, uploaded_at = %(uploaded_at)s
    WHERE id = %(id)s AND state = 'uploading' RETURNING task_id
)
UPDATE tasks_task task SET attachments_count = task.attachments_count + 1 FROM ready WHERE task.id = ready.task_id
"""

declare(
    "upload.row_committed",
    "upload.half_written",
    "upload.written",
    "upload.sealed",
    "upload.placed",
    "upload.before_commit",
    "upload.committed",
)


class Upload:
    """A file that is being taken in. Whoever makes one closes it in the end.

    A process that dies before leaves a row in `uploading`, which the clean-up finds.
    """

    def __init__(self, *, actor: User, task: Task, name: str, announced: int = 0) -> None:
        """Commit the row. `announced` is the number of bytes that are to be expected.

        Raises NotFoundError or ForbiddenError when the actor has lost the right to attach,
        InsufficientStorage when the disk is nearly full.
        """
        require_room(announced)
        self.is_ready = False
        self.attachment = _commit_row(actor=actor, task=task, name=name)
        fault_point("upload.row_committed")
        self._incoming: IncomingFile | None = None

    @property
    def incoming(self) -> IncomingFile:
        """Return the file, opened at the first use."""
        if self._incoming is None:
            self._incoming = IncomingFile(self.attachment.storage_name, limit=settings.ATTACHMENT_MAX_BYTES)
        return self._incoming

    def write(self, data: bytes) -> None:
        """Append `data`. Raises what `IncomingFile.write` raises."""
        self.incoming.write(data)
        fault_point("upload.half_written")

    @property
    def size(self) -> int:
        """Return how many bytes have been written."""
        return self._incoming.size if self._incoming else 0

    @property
    def sha256(self) -> str:
        """Return the digest of what has been written, in hexadecimal; an empty text for nothing."""
        return self._incoming.sha256 if self._incoming else ""

    def place(self) -> None:
        """Bring the complete file to its place, after a look at what it is.

        Raises ValidationError at /file for what is not taken, InsufficientStorage.
        """
        fault_point("upload.written")
        self.incoming.seal()
        self.attachment.content_type = identify(self.incoming.path, name=self.attachment.name)
        fault_point("upload.sealed")
        self.incoming.place()
        fault_point("upload.placed")

    def settle(self) -> None:
        """Note that the file is an attachment now: the transaction of `publish` has been committed."""
        self.is_ready = True
        fault_point("upload.committed")

    def close(self) -> None:
        """Let go; remove file and row unless the upload is settled.

        What cannot be removed now is left to the clean-up. When the answer to the COMMIT was lost,
        the row says whether the file is ready; then it stays.
        """
        if self._incoming is not None:
            self._incoming.close()
        if self.is_ready:
            return
        row = Attachment.objects.filter(pk=self.attachment.pk)
        try:
            if mark_deleting(row.uploading()) or not row.ready().exists():
                remove_file(self.attachment)
        except (OSError, DatabaseError):
            logger.warning("The upload %s is left to the clean-up", self.attachment.pk, exc_info=True)


@write
def _commit_row(*, actor: User, task: Task, name: str) -> Attachment:
    task = lock_task(Authority(actor), task).task
    row = Attachment(
        task=task,
        project=task.project,
        uploaded_by=actor,
        name=name,
        storage_name=new_name(),
        created_at=timezone.now(),
    )
    values: dict[str, Any] = {"task": row.task_id, "project": row.project_id, "actor": actor.pk, "name": name}
    values |= {"storage_name": row.storage_name, "state": AttachmentState.UPLOADING.value, "now": row.created_at}
    [[row.pk]], _ = prepared(BEGUN, {key: bound(value) for key, value in values.items()})
    row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS
    return row


@write
def publish(*, actor: User, upload: Upload) -> Attachment:
    """Make a placed file an attachment of its task, for everybody who sees the task.

    Raises NotFoundError when the task is gone or not visible to the actor by now, ForbiddenError,
    ConflictError: `project_archived`, `task_archived`, `quota_exceeded`.
    """
    attachment = upload.attachment
    assert attachment.task is not None  # noqa: S101 - only a deleted one has no task
    task = lock_task(Authority(actor), attachment.task).task
    require_active(task.project)
    if task.is_archived:
        raise ConflictError("The task is archived: bring it back to attach files.", code="task_archived")
    reserve_bytes(task.project_id, upload.size)
    attachment.state = AttachmentState.READY
    attachment.size, attachment.sha256, attachment.uploaded_at = upload.size, upload.sha256, timezone.now()
    columns = ("id", "size", "sha256", "content_type", "uploaded_at")
    if not prepared(READY, {name: bound(getattr(attachment, name)) for name in columns})[1]:
        raise NotFoundError  # given up by the clean-up, or the task was deleted
    record_event(task.project_id, event_of_file(attachment, task), actor_id=actor.pk)
    fault_point("upload.before_commit")
    return attachment


def event_of_file(attachment: Attachment, task: Task) -> Event:
    """Return the event of a file that was attached to the task."""
    return Event(
        type=EventType.ATTACHMENT_CREATED,
        changes={"attachments": (None, attachment.name)},
        object_id=attachment.pk,
        task_id=task.pk,
        task_key=task.key,
    )
