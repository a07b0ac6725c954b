"""What a person chooses to hear of a task, or of a whole project; nobody else is notified of it (contract WA8)."""

from __future__ import annotations

from apps.common.errors import NotFoundError
from apps.common.sql.statements import bound, prepared
from apps.common.transactions import start_again, write
from apps.projects.models import Project
from apps.tasks.models import Task, WatchLevel
from apps.users.models import User

# The membership and the task's place are held until the commit: a row never outlives either.
SET_TASK_LEVEL = """
INSERT INTO tasks_watch (user_id, project_id, task_id, level, reason, created_at)
SELECT member.user_id, task.project_id, task.id, %(level)s::text, 'self', now()
FROM tasks_task task
JOIN projects_membership member ON member.project_id = task.project_id AND member.user_id = %(user)s::bigint
WHERE task.id = %(task)s::bigint
FOR KEY SHARE OF task, member
ON CONFLICT (user_id, task_id) WHERE task_id IS NOT NULL
DO UPDATE SET level = excluded.level, reason = 'self', added_by_id = NULL
"""
SET_PROJECT_LEVEL = """
INSERT INTO tasks_watch (user_id, project_id, level, reason, created_at)
SELECT member.user_id, member.project_id, %(level)s::text, 'self', now()
FROM projects_membership member
WHERE member.project_id = %(project)s::bigint AND member.user_id = %(user)s::bigint
FOR KEY SHARE
ON CONFLICT (user_id, project_id) WHERE task_id IS NULL DO UPDATE SET level = excluded.level
"""


@write
def set_task_level(*, actor: User, task: Task, level: str) -> None:
    """Set the actor's own level of a task: `all`, `none` or `muted`. It lasts until the actor sets another (WA2).

    Raises NotFoundError when the actor is no member of its project any more.
    """
    values = {"user": bound(actor.pk), "task": bound(task.pk), "level": level}
    if not prepared(SET_TASK_LEVEL, values)[1]:
        start_again()  # the task has just moved, or the membership has ended
        raise NotFoundError


def unwatch_task(*, actor: User, task: Task) -> None:
    """Stop watching a task for good: level `none`. Raises what `set_task_level` raises."""
    set_task_level(actor=actor, task=task, level=WatchLevel.NONE)


@write
def set_project_level(*, actor: User, project: Project, level: str) -> None:
    """Set the actor's own level of a project: `all`, `participating` or `muted`.

    Raises NotFoundError when the actor is no member any more.
    """
    values = {"user": bound(actor.pk), "project": bound(project.pk), "level": level}
    if not prepared(SET_PROJECT_LEVEL, values)[1]:
        raise NotFoundError
