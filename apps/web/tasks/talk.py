"""The talk about a task and its history, in one line of time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Prefetch, QuerySet, prefetch_related_objects
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe

from apps.common.lists.criteria import USER
from apps.common.lists.kept import find_rows
from apps.common.sql.statements import Parameter
from apps.projects.events import UNLISTED
from apps.projects.models import Activity, Membership
from apps.projects.roles import Capability, allows
from apps.tasks.comments.rendering import Text, current_mentions, render
from apps.tasks.models import Comment, Task
from apps.users.models import User
from apps.web.tasks.history import Entry, entries_of

SHOWN = 100  # of each kind; the newest
OF_COMMENTS = ("commented", "comment_edited", "comment_deleted")  # the comment itself says it


@dataclass(frozen=True)
class Said:
    """A comment as the page shows it; `html` is safe, None of a deleted one."""

    comment: Comment
    html: SafeString | None
    may_edit: bool
    may_delete: bool

    @property
    def at(self) -> datetime:
        """Return when it was written."""
        return self.comment.created_at


def talk_about(request: HttpRequest, task: Task, person: User, *, show: str) -> list[Said | Entry]:
    """Return the newest comments and events in order of time; `show` is `all`, `comments` or `history`."""
    said: list[Said | Entry] = [] if show == "history" else list(_comments(request, task, person))
    if show == "comments":
        return said
    is_history = show == "history"
    values = {"user": person.pk, "task": task.pk}
    newest = find_rows(("talk events", is_history), lambda: _events(is_history=is_history), values)
    return sorted([*said, *entries_of(newest, reader=person)], key=lambda each: each.at)


def _events(*, is_history: bool) -> QuerySet[Activity]:
    mine = Membership.objects.of(USER).values("project_id")
    events = Activity.objects.filter(task_id=Parameter("task"), project__in=mine).exclude(type__in=UNLISTED)
    if not is_history:
        events = events.exclude(verb__in=OF_COMMENTS)
    return events.select_related("actor").order_by("-created_at", "-pk")[:SHOWN]


def comments_of(task: Any, person: Any) -> QuerySet[Comment]:
    """Return the comments that a person sees, with their authors."""
    return Comment.objects.visible_to(person).filter(task=task).select_related("author", "deleted_by")


def _comments(request: HttpRequest, task: Task, person: User) -> list[Said]:
    comments = find_rows("talk comments", _newest_comments, {"user": person.pk, "task": task.pk})
    naming = [comment for comment in comments if "@" in (comment.body or "")]
    prefetch_related_objects(naming, Prefetch("mentions", current_mentions()))
    texts: dict[int, Any] = {
        comment.pk: Text(comment.body, comment.mentions.all() if "@" in comment.body else ())
        for comment in comments
        if comment.body is not None
    }
    html = render(texts, task_id=task.pk, site=request.build_absolute_uri("/"))
    return [_said(comment, html.get(comment.pk), person, task) for comment in comments]


def _newest_comments() -> QuerySet[Comment]:
    return comments_of(Parameter("task"), USER).order_by("-created_at", "-pk")[:SHOWN]


def _said(comment: Comment, html: str | None, person: User, task: Task) -> Said:
    is_open = not comment.is_deleted and not task.project.is_archived and allows(task.role, Capability.COMMENT)
    is_mine = comment.author_id == person.pk
    return Said(
        comment,
        mark_safe(html) if html is not None else None,  # noqa: S308 - `render` has passed it through nh3 (PG15)
        may_edit=is_open and is_mine,
        may_delete=is_open and (is_mine or allows(task.role, Capability.DELETE_ANY_TASK)),
    )
