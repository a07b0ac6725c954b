"""A comment locked with its task and project, and who may do what with it under the lock."""

from __future__ import annotations

from apps.common.errors import ForbiddenError, NotFoundError
from apps.projects.events import EventType
from apps.projects.models import Activity
from apps.projects.roles import Capability
from apps.projects.services import CommonTables, Event, record_event
from apps.tasks.locking import Authority, LockedTask, lock_task
from apps.tasks.models import Comment

NOT_YOURS = "Only its author edits a comment."
NOT_YOURS_TO_DELETE = "Only its author or an admin of the project deletes a comment."


def lock_comment(authority: Authority, comment: Comment) -> tuple[LockedTask, Comment]:
    """Return the locked task and comment; NotFoundError or ForbiddenError when the actor may not comment any more."""
    locked = lock_task(authority, comment.task_id, capability=Capability.COMMENT)
    row = Comment.objects.select_for_update(no_key=True).filter(pk=comment.pk, task=locked.task).first()
    if row is None:
        raise NotFoundError
    return locked, row


def require_author(authority: Authority, comment: Comment) -> None:
    """Raise ForbiddenError for everybody but the author, administrators included."""
    if comment.author_id != authority.user.pk:
        raise ForbiddenError(NOT_YOURS)


def require_may_delete(authority: Authority, locked: LockedTask, comment: Comment) -> None:
    """Raise ForbiddenError unless the actor is the author, or may delete what others wrote."""
    is_author = comment.author_id == authority.user.pk
    if not is_author and not authority.may(locked.roles, Capability.DELETE_ANY_TASK):
        raise ForbiddenError(NOT_YOURS_TO_DELETE)


def record(
    locked: LockedTask,
    comment: Comment,
    event_type: EventType,
    *,
    actor_id: int,
    verb: str = "",
    beside: CommonTables | None = None,
) -> Activity:
    """Write the event of an act on the comment, which `beside` may write: ids alone, never its text (contract C7)."""
    task = locked.task
    event = Event(
        type=event_type,
        verb=verb,
        object_id=comment.pk,
        version=comment.version,
        task_id=task.pk,
        task_key=task.key,
    )
    return record_event(task.project_id, event, actor_id=actor_id, beside=beside)
