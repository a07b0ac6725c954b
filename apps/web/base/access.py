"""The thing that a page's address names, as far as the person may see it (PG2)."""

from __future__ import annotations

from django.db.models import QuerySet

from apps.common.errors import ForbiddenError, NotFoundError
from apps.common.lists.kept import find_row
from apps.projects.missing import project_in_trash
from apps.projects.models import Project
from apps.projects.roles import Capability, allows
from apps.tasks.models import Task
from apps.tasks.queries.missing import task_in_trash
from apps.users.models import User


def find_project(actor: User, pk: int, *, capability: Capability = Capability.VIEW) -> Project:
    """Return the project with the actor's `role`.

    NotFoundError for one that is not visible (`in_trash` for a member), ForbiddenError without the capability.
    """
    try:
        project = find_row(Project, Project.objects.visible_to, actor, pk)
    except NotFoundError as error:
        raise project_in_trash(actor, pk) or error from None
    if not allows(project.role, capability):
        raise ForbiddenError
    return project


def find_task(
    actor: User, pk: int, *, capability: Capability = Capability.VIEW, rows: QuerySet[Task] | None = None
) -> Task:
    """Return the task with its project and the actor's `role`; raises as `find_project`."""
    visible = Task.objects.visible_to(actor) if rows is None else rows
    found = visible.filter(pk=pk).select_related("project", "assigned_to", "created_by", "parent")
    task = found.prefetch_related("task_labels__label").first()
    if task is None:
        raise task_in_trash(actor, pk) or NotFoundError()
    if not allows(task.role, capability):
        raise ForbiddenError
    return task
