"""Both ends of a relation locked: the projects by id, then the tasks by id; and the actor's rights under the locks."""

from __future__ import annotations

from dataclasses import dataclass

from apps.common.errors import ForbiddenError, NotFoundError, ValidationError
from apps.common.transactions import start_again
from apps.projects.missing import in_trash
from apps.projects.models import Project
from apps.projects.roles import Capability, allows
from apps.projects.services import lock_project, require_kept, role_in
from apps.tasks.models import Task
from apps.users.models import User


@dataclass(frozen=True)
class Ends:
    """The task in the path and the one at the other end, locked, each with its locked project."""

    here: Task
    there: Task

    @property
    def is_in_one_project(self) -> bool:
        """Return whether both tasks are in the same project."""
        return self.here.project_id == self.there.project_id


def lock_ends(here_id: int, there_id: int) -> Ends:
    """Lock both tasks with their projects, without asking for rights.

    Raises NotFoundError when the task in the path is gone, ValidationError at /task when the other one is. A task
    that moves meanwhile lets the write start again.
    """
    ids = sorted({here_id, there_id})
    projects: dict[int, Project] = {}
    while True:
        for project_id in sorted({*_projects_of(ids)} - projects.keys()):
            projects[project_id] = _lock_project(project_id)
        tasks = {row.pk: row for row in Task.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")}
        if here_id not in tasks:
            raise NotFoundError
        if there_id not in tasks:
            raise unknown_task()
        if all(task.project_id in projects for task in tasks.values()):
            break
        start_again()
    for task in tasks.values():
        task.project = projects[task.project_id]
    return Ends(tasks[here_id], tasks[there_id])


def require_may_write(actor: User, task: Task) -> None:
    """Raise NotFoundError or ForbiddenError unless the actor writes in the locked task's project."""
    role = role_in(task.project_id, actor.pk)
    if role is None:
        raise NotFoundError
    require_kept(task.project, is_member=True)
    if task.trash_id is not None:
        raise in_trash(task.trash_id)
    if not allows(role, Capability.WRITE_TASKS):
        raise ForbiddenError


def require_visible(actor: User, task: Task) -> None:
    """Raise ValidationError at /task unless the actor sees the locked task at the other end (contract DE2)."""
    is_kept = task.trash_id is None and task.project.trash_id is None
    if not is_kept or not allows(role_in(task.project_id, actor.pk), Capability.VIEW):
        raise unknown_task()


def unknown_task() -> ValidationError:
    """Return the answer to a task in a body that is absent or not visible to the caller."""
    return ValidationError.at("/task", "does_not_exist", "There is no such task.")


def _projects_of(task_ids: list[int]) -> set[int]:
    return set(Task.objects.filter(pk__in=task_ids).values_list("project_id", flat=True))


def _lock_project(project_id: int) -> Project:
    """Lock a project; when it was erased since its tasks were read, the write looks again."""
    try:
        return lock_project(project_id)
    except NotFoundError:
        start_again()
        raise
