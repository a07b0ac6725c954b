"""Removing texts for good: a whole comment, or a former version of it."""

from __future__ import annotations

from django.db.models import F
from django.utils import timezone

from apps.common.api.kept_answers import blank_kept_answers
from apps.common.concurrency import Expected, require_version
from apps.common.errors import ConflictError, NotFoundError
from apps.common.transactions import write
from apps.projects.events import EventType
from apps.projects.services import require_active
from apps.tasks.comments.announcements import comment_text_erased
from apps.tasks.comments.services.locking import lock_comment, record, require_may_delete
from apps.tasks.locking import Authority
from apps.tasks.models import Comment, CommentVersion, Mention, Task
from apps.users.models import User


@write
def delete_comment(*, actor: User, comment: Comment, expected: Expected = None, as_administrator: bool = False) -> None:
    """Erase the comment's text with all former ones and leave a tombstone; a second time changes nothing.

    Authors delete their own, admins any, and so does the admin site (`as_administrator`). Raises NotFoundError,
    ForbiddenError, PreconditionFailedError, ConflictError `project_archived`, in this order.
    """
    authority = Authority(actor, as_administrator)
    locked, comment = lock_comment(authority, comment)
    require_may_delete(authority, locked, comment)
    require_version(comment, expected)
    require_active(locked.project)
    if comment.is_deleted:
        return
    CommentVersion.objects.filter(comment=comment).delete()
    Mention.objects.filter(comment=comment).delete()
    comment.body, comment.deleted_at, comment.deleted_by = None, timezone.now(), actor
    comment.version += 1
    comment.save(update_fields=["body", "deleted_at", "deleted_by", "version"])
    _blank_first_answer(comment)
    comment_text_erased.announce(locked.project.pk, comment.pk)
    Task.objects.filter(pk=comment.task_id).update(comments_count=F("comments_count") - 1)
    record(locked, comment, EventType.COMMENT_DELETED, actor_id=actor.pk)


@write
def erase_version(*, actor: User, comment: Comment, number: int) -> None:
    """Blank a former text for good; the comment and its version stay. A second time changes nothing.

    Raises NotFoundError for an unknown number or a deleted comment, ForbiddenError as `delete_comment`, ConflictError
    `project_archived`, or `current_version` for the present text.
    """
    authority = Authority(actor)
    locked, comment = lock_comment(authority, comment)
    require_may_delete(authority, locked, comment)
    former = CommentVersion.objects.filter(comment=comment, number=number).first()
    is_current = number == comment.version and not comment.is_deleted
    if former is None and not is_current:
        raise NotFoundError
    require_active(locked.project)
    if former is None:
        raise ConflictError("It is the present text: edit or delete the comment instead.", code="current_version")
    if former.is_erased:
        return
    CommentVersion.objects.filter(comment=comment, number=number).update(body=None, erased_at=timezone.now())
    if number == 1:
        _blank_first_answer(comment)
    comment_text_erased.announce(locked.project.pk, comment.pk)
    record(locked, comment, EventType.COMMENT_UPDATED, actor_id=actor.pk, verb="comment_version_erased")


def _blank_first_answer(comment: Comment) -> None:
    """Take the first text out of the answer that is kept for the Idempotency-Key it was sent with."""
    blank_kept_answers(
        user_id=comment.author_id,
        path_end=f"/tasks/{comment.task_id}/comments/",
        pk=comment.pk,
        blank={"body": None, "mentions": []},
    )
