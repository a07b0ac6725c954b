"""The thing that a page's address names, as far as the person may see it (PG2)."""

from __future__ import annotations

from django.db.models import QuerySet

from apps.common.errors import ForbiddenError, NotFoundError
from apps.common.lists.kept import find_row, find_rows
from apps.common.sql.statements import AnyOf
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


def find_task(actor: User, pk: int, *, capability: Capability = Capability.VIEW) -> Task:
    """Return the task with its project, assignee and creator, and the actor's `role`; raises as `find_project`."""
    try:
        task = find_row(Task, Task.objects.visible_to, actor, pk)
        task.project = find_row(Project, Project.objects.visible_to, actor, task.project_id)
    except NotFoundError as error:
        raise task_in_trash(actor, pk) or error from None
    ids = [each for each in (task.assigned_to_id, task.created_by_id) if each is not None]
    people = {each.pk: each for each in find_rows("people by id", _people, {"people": ids})}
    task.assigned_to, task.created_by = (people.get(each or 0) for each in (task.assigned_to_id, task.created_by_id))
    if not allows(task.role, capability):
        raise ForbiddenError
    return task


def _people() -> QuerySet[User]:
    found: QuerySet[User] = User.objects.filter(AnyOf("pk", "people"))
    return found
