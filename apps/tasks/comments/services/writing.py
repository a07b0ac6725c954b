"""Writing a comment, and correcting it without hiding that it changed."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from apps.common.concurrency import Expected, require_version
from apps.common.errors import ConflictError
from apps.common.sql.statements import bound, prepared
from apps.common.transactions import write
from apps.projects.events import EventType
from apps.projects.roles import Capability
from apps.projects.services import CommonTables, require_active
from apps.tasks.comments.services.locking import lock_comment, record, require_author
from apps.tasks.comments.services.mentioning import people_named, store_mentions
from apps.tasks.locking import Authority, lock_task
from apps.tasks.models import Comment, Task, WatchReason
from apps.tasks.watching.services import FOLLOW, follow, followers, notify_event
from apps.users.models import User

# Texts are bound by the server: no statement in its log ever shows one (contract C7).
MADE = f"""
counted AS (UPDATE tasks_task SET comments_count = comments_count + 1 WHERE id = %(task)s),
followed AS ({FOLLOW}),
made AS (
    INSERT INTO tasks_comment (task_id, project_id, author_id, body, created_at, version, edits_count)
    VALUES (%(task)s, %(project)s, %(author)s, %(body)s, %(now)s, 1, 0) RETURNING id
)
"""  # noqa: S608 - texts of ours
EDIT = """
UPDATE tasks_comment SET body = %s, edited_at = %s, version = version + 1, edits_count = edits_count + 1 WHERE id = %s
"""
KEEP_TEXT = """
INSERT INTO tasks_commentversion (comment_id, number, body, written_at)
SELECT id, version, body, coalesce(edited_at, created_at) FROM tasks_comment WHERE id = %s
"""


@write
def create_comment(*, actor: User, task: Task, body: str) -> Comment:
    """Add a comment; `body` is Markdown, already trimmed.

    Raises NotFoundError, ForbiddenError below commenter, ValidationError at /body, ConflictError `project_archived`.
    """
    locked = lock_task(Authority(actor), task, capability=Capability.COMMENT)
    people = people_named(body, project_id=locked.project.pk, pointer="/body")
    require_active(locked.project)
    comment = Comment(task=locked.task, project=locked.project, author=actor, body=body, created_at=timezone.now())
    mentioned = {person.user_id for person in people} - {actor.pk}
    values: dict[str, Any] = {"project": locked.project.pk, "author": actor.pk, "body": body, "now": comment.created_at}
    watching = followers(locked.task.pk, _reasons(mentioned) | {actor.pk: WatchReason.COMMENTED})
    made = CommonTables(MADE, {name: bound(value) for name, value in values.items()} | watching, makes_object=True)
    event = record(locked, comment, EventType.COMMENT_CREATED, actor_id=actor.pk, beside=made)
    comment.pk = event.object_id
    store_mentions(locked.task, people, comment=comment, is_new=True)
    notify_event(event, mentioned=mentioned)
    return comment


@write
def edit_comment(*, actor: User, comment: Comment, body: str | None = None, expected: Expected = None) -> Comment:
    """Set the text; the former one stays as a version. The same text, or none, changes nothing.

    Raises NotFoundError, ForbiddenError for everybody but the author, ValidationError at /body,
    PreconditionFailedError, ConflictError `project_archived` or `comment_deleted`, in this order.
    """
    authority = Authority(actor)
    locked, comment = lock_comment(authority, comment)
    require_author(authority, comment)
    is_other = body is not None and not comment.is_deleted and comment.body != body
    people = people_named(body, project_id=locked.project.pk, pointer="/body") if body and is_other else []
    require_version(comment, expected)
    require_active(locked.project)
    if comment.is_deleted:
        raise ConflictError("The comment was deleted.", code="comment_deleted")
    if not is_other:
        return comment
    prepared(KEEP_TEXT, [comment.pk])
    prepared(EDIT, [body, timezone.now(), comment.pk])
    comment.refresh_from_db()
    mentioned = store_mentions(locked.task, people, comment=comment, is_new=False) - {actor.pk}
    follow(locked.task.pk, _reasons(mentioned))
    notify_event(record(locked, comment, EventType.COMMENT_UPDATED, actor_id=actor.pk), mentioned=mentioned)
    return comment


def _reasons(mentioned: Iterable[int]) -> dict[int, WatchReason]:
    return dict.fromkeys(mentioned, WatchReason.MENTIONED)
