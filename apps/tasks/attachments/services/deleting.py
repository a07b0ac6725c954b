"""Deleting a file: the row says so first, the file goes, and then the row."""

from __future__ import annotations

from django.db.models import F

from apps.common.errors import ForbiddenError, NotFoundError
from apps.common.faults import declare, fault_point
from apps.common.transactions import write
from apps.projects.events import EventType
from apps.projects.roles import Capability
from apps.projects.services import Event, record_event, require_active
from apps.tasks.attachments.services.detaching import mark_deleting, release_bytes
from apps.tasks.locking import Authority, lock_task
from apps.tasks.models import Attachment, AttachmentQuerySet, Task
from apps.users.models import User

declare("delete.before_commit")


@write
def delete_attachment(*, actor: User, attachment: Attachment, as_administrator: bool = False) -> None:
    """Take the file from its task; a job removes the bytes.

    Members delete what they attached, admins anything, and so does the admin site (`as_administrator`).
    Raises NotFoundError when it is gone or not visible by now, ForbiddenError, ConflictError
    `project_archived`.
    """
    if attachment.task_id is None:
        raise NotFoundError
    authority = Authority(actor, as_administrator)
    locked = lock_task(authority, attachment.task_id)
    is_own = attachment.uploaded_by_id == actor.pk
    if not is_own and not authority.may(locked.roles, Capability.DELETE_ANY_TASK):
        raise ForbiddenError
    require_active(locked.project)
    drop_from_task(locked.task, Attachment.objects.filter(pk=attachment.pk), actor=actor, verb="attachment_deleted")
    fault_point("delete.before_commit")


def drop_from_task(task: Task, files: AttachmentQuerySet, *, actor: User | None, verb: str) -> int:
    """Take the ready ones of `files` from the locked task, with one history entry; return how many.

    Raises NotFoundError when none is left.
    """
    going = list(files.ready().filter(task=task))
    if not going:
        raise NotFoundError
    mark_deleting(Attachment.objects.filter(pk__in=[file.pk for file in going]))
    Task.objects.filter(pk=task.pk).update(attachments_count=F("attachments_count") - len(going))
    release_bytes(task.project_id, sum(file.size for file in going))
    names = ", ".join(file.name for file in going)
    event = Event(
        type=EventType.ATTACHMENT_DELETED,
        verb=verb,
        changes={"attachments": (names, None)},
        object_ids=sorted(file.pk for file in going),
        task_id=task.pk,
        task_key=task.key,
    )
    record_event(task.project_id, event, actor_id=actor.pk if actor else None)
    return len(going)
