"""The lock that every change of a task's files takes: the project's row, then the task's."""

from __future__ import annotations

from apps.common.errors import NotFoundError
from apps.projects.roles import Capability
from apps.projects.services import lock_project_as
from apps.tasks.models import Task
from apps.users.models import User


def lock_task_as(actor: User, task_id: int, capability: Capability, *, as_administrator: bool = False) -> Task:
    """Return the locked task in its locked project, which carries the actor's `role`.

    `as_administrator` is the admin site's right, which needs no membership.

    An upload takes its time: the task may have moved and the actor may have left meanwhile. Raises
    NotFoundError when the task is gone or out of sight, ForbiddenError without `capability`.
    """
    while True:
        project_id = Task.objects.filter(pk=task_id).values_list("project_id", flat=True).first()
        if project_id is None:
            raise NotFoundError
        project = lock_project_as(actor, project_id, capability, as_administrator=as_administrator)
        task = Task.objects.select_for_update(no_key=True).defer("search").filter(pk=task_id, project=project).first()
        if task is not None:
            task.project = project
            return task
        # It moved before we had the lock: look again. `write` repeats a deadlock that this may cause.
