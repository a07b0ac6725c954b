"""Having somebody else watch a task, and taking that back (contract WA6)."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from apps.common.errors import ConflictError, ForbiddenError, NotFoundError, ValidationError
from apps.common.lists.kept import find_row
from apps.common.sql.statements import bound, prepared
from apps.common.text.normal_form import IsSame
from apps.common.transactions import start_again, write
from apps.notifications.services import notify
from apps.projects.models import Membership, Project
from apps.projects.roles import Capability, allows
from apps.projects.services import require_active, role_in
from apps.tasks.models import Task, Watch, WatchLevel, watched_by
from apps.tasks.watching.messages import WatcherAdded
from apps.tasks.watching.services.levels import set_task_level, unwatch_task
from apps.users.models import User

NOT_YOURS = "Only the person, or the member who added them, ends this."
DECLINED = "This person has chosen to hear less of the task."

ADD = """
INSERT INTO tasks_watch (user_id, project_id, task_id, level, reason, added_by_id, created_at)
SELECT member.user_id, task.project_id, task.id, 'all', 'added', %(actor)s::bigint, now()
FROM tasks_task task
JOIN projects_membership member ON member.project_id = task.project_id AND member.user_id = %(user)s::bigint
WHERE task.id = %(task)s::bigint
FOR KEY SHARE OF task, member
ON CONFLICT (user_id, task_id) WHERE task_id IS NOT NULL DO NOTHING
"""


@write
def add_watcher(*, actor: User, task: Task, user: int | str) -> tuple[int, bool]:
    """Have a member, by id or username, watch a task, and notify them once; return their id and whether it is new.

    Oneself is a choice of one's own. Raises NotFoundError, ForbiddenError below member, ValidationError `not_a_member`
    at /user, ConflictError `project_archived`, or `watch_declined` for who chose to hear less.
    """
    current = _judged(actor, task)
    user_id = _member(current.project_id, user)
    if user_id == actor.pk:
        was_watching = _is_watching(user_id, task)
        set_task_level(actor=actor, task=task, level=WatchLevel.ALL)
        return user_id, not was_watching
    require_active(current.project)
    if (level := _level(user_id, task=current)) is not None:
        return user_id, _accepted(level)
    if user_id in (current.assigned_to_id, current.created_by_id):
        return user_id, False
    if _level(user_id, project=current.project) == WatchLevel.MUTED:
        raise ConflictError(DECLINED, code="watch_declined")
    values = {"actor": bound(actor.pk), "user": bound(user_id), "task": bound(task.pk)}
    if not prepared(ADD, values)[1]:
        start_again()  # somebody was quicker, the task has just moved, or the membership has ended
        raise NotFoundError
    notify(
        WatcherAdded,
        recipient_ids=[user_id],
        dedupe=f"watcher_added:{task.pk}",
        actor_id=actor.pk,
        project_id=current.project_id,
        task_id=task.pk,
    )
    return user_id, True


@write
def remove_watcher(*, actor: User, task: Task, user_id: int) -> None:
    """End that a person watches: by themselves for good, by the member who added them until another reason comes.

    Raises NotFoundError for who does not watch, then ForbiddenError for anybody else.
    """
    if user_id == actor.pk:
        if not _is_watching(user_id, task):
            raise NotFoundError
        unwatch_task(actor=actor, task=task)
        return
    current = Task.objects.get(pk=task.pk)
    row = Watch.objects.filter(task=task, user=user_id).first()
    is_theirs = user_id in (current.assigned_to_id, current.created_by_id)
    is_listed = row.level == WatchLevel.ALL if row else is_theirs and role_in(current.project_id, user_id) is not None
    if not is_listed:
        raise NotFoundError
    may_write = allows(role_in(current.project_id, actor.pk), Capability.WRITE_TASKS)
    if row is None or row.added_by_id != actor.pk or not may_write:
        raise ForbiddenError(NOT_YOURS)
    Watch.objects.filter(pk=row.pk, level=WatchLevel.ALL, added_by=actor).delete()


def _judged(actor: User, task: Task) -> Task:
    """Return the task as it is now; NotFoundError or ForbiddenError when the actor may not add people."""
    current = find_row("task with its project", _visible_to, actor, task.pk)
    if not allows(current.role, Capability.WRITE_TASKS):
        raise ForbiddenError
    return current


def _visible_to(user: Any) -> QuerySet[Task, Task]:
    return Task.objects.visible_to(user).select_related("project")


def _member(project_id: int, user: int | str) -> int:
    members = Membership.objects.filter(project_id=project_id)
    found = members.filter(user_id=user) if isinstance(user, int) else members.filter(IsSame("user__username", user))
    user_id: int | None = found.values_list("user_id", flat=True).first()
    if user_id is None:
        raise ValidationError.at("/user", "not_a_member", "A watcher must be a member of the project.")
    return user_id


def _accepted(level: str) -> bool:
    """Return that nothing is new for who watches; ConflictError for who chose not to."""
    if level != WatchLevel.ALL:
        raise ConflictError(DECLINED, code="watch_declined")
    return False


def _level(user_id: int, *, task: Task | None = None, project: Project | None = None) -> str | None:
    rows = Watch.objects.filter(user=user_id, task=task)
    if project is not None:
        rows = rows.filter(project=project)
    return rows.values_list("level", flat=True).first()


def _is_watching(user_id: int, task: Task) -> bool:
    return Task.objects.filter(watched_by(user_id), pk=task.pk).exists()
