"""The one lock of a task: the projects' rows by ascending id, then the task's, and rights checked again under them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from apps.batches.context import batch_id_of_act
from apps.common.concurrency import Expected, require_version
from apps.common.errors import ForbiddenError, NotFoundError, ValidationError
from apps.common.origin import is_out_of_reach
from apps.common.sql.statements import AnyOf, ModelStatement, Statement
from apps.common.transactions import start_again
from apps.projects.missing import in_trash
from apps.projects.models import Membership, Project
from apps.projects.roles import Capability, allows
from apps.projects.services import lock_project, lock_project_with, lock_projects, require_active, require_kept
from apps.tasks.models import Task
from apps.users.models import User

Roles = dict[int, str]


@dataclass(frozen=True)
class Authority:
    """Who writes, and by what right: `as_administrator` is the admin site, which needs no membership."""

    user: User
    as_administrator: bool = False

    def may(self, roles: Roles, capability: Capability) -> bool:
        """Return whether `capability` is held, by one of `roles` or as staff."""
        return self.as_administrator or allows(roles.get(self.user.pk), capability)

    def sees(self, roles: Roles) -> bool:
        """Return whether the project may be known of."""
        return self.as_administrator or self.user.pk in roles


@dataclass
class LockedProject:
    """A locked project and the roles in it of the people a write concerns."""

    project: Project
    roles: Roles


@dataclass
class LockedTask(LockedProject):
    """A locked task in its locked project; `target` is the locked project it is to move to."""

    task: Task
    target: LockedProject | None = None
    reordered: Sequence[int] = ()  # ids of tasks that got another rank in this act, where there are several

    @property
    def destination(self) -> LockedProject:
        """Return where the task will be after the write."""
        return self.target or self

    def batch(self) -> UUID:
        """Return the id that joins the events of this write, which from now on can be undone (contract BU8)."""
        if self.task.batch_id is None:
            self.task.batch_id = batch_id_of_act()
        return self.task.batch_id

    def note(self, **effects: Any) -> None:
        """Add to the `effects` in the answer, but what is empty (contract H4)."""
        self.task.note(**effects)


def lock_project_for_write(
    authority: Authority,
    project_id: int,
    *,
    people: Iterable[int | None] = (),
    capability: Capability = Capability.WRITE_TASKS,
) -> LockedProject:
    """Lock a project for a write that a body names; raises what a body's `project` deserves.

    ValidationError at /project when the actor may not know of it, ForbiddenError without `capability`.
    """
    try:
        project = lock_project(project_id)
    except NotFoundError:
        raise unknown_project() from None
    locked = LockedProject(project, _roles(project.pk, {authority.user.pk, *people}))
    _require_target(authority, locked, capability)
    return locked


def lock_task(
    authority: Authority,
    task: Task | int,
    *,
    people: Iterable[int | None] = (),
    target_id: int | None = None,
    capability: Capability = Capability.WRITE_TASKS,
) -> LockedTask:
    """Lock a task (a row or an id) with its project, and with the project it is to move to.

    What was true before the lock may not be any more: raises NotFoundError when the task is gone or the actor no
    longer sees it, ForbiddenError when the actor's role does not hold `capability`.
    """
    locked = lock_rows(task, target_id=target_id)
    concerned = _concerned(authority, [locked.task], people)
    places = [locked.project.pk, *([locked.target.project.pk] if locked.target else [])]
    roles = _roles_in(places, concerned)
    locked.roles = roles[locked.project.pk]
    require_right(authority, locked, capability)
    if locked.target is not None:
        locked.target.roles = roles[locked.target.project.pk]
        _require_target(authority, locked.target, Capability.WRITE_TASKS)
    return locked


def lock_tasks(
    authority: Authority, tasks: Iterable[Task], *, people: Iterable[int | None] = ()
) -> dict[int, LockedTask]:
    """Lock several tasks with their projects, in one statement for each table; return them by id.

    Rights are not judged, see `require_right`; tasks that are gone are left out. When one has moved meanwhile the write
    starts again, as in `lock_rows`.
    """
    asked = list(tasks)
    projects = lock_projects(task.project_id for task in asked)
    found = {row.pk: row for row in locked_tasks([task.pk for task in asked])}
    for task in asked:
        if task.pk in found and found[task.pk].project_id not in projects:
            task.project_id = found[task.pk].project_id  # where the next run looks first
            start_again()
            projects |= lock_projects([task.project_id])
    roles = _roles_in(projects, _concerned(authority, found.values(), people))
    for row in found.values():
        row.project = projects[row.project_id]
    return {pk: LockedTask(row.project, roles[row.project_id], row) for pk, row in found.items()}


def require_right(authority: Authority, locked: LockedTask, capability: Capability = Capability.WRITE_TASKS) -> None:
    """Raise NotFoundError when the actor does not see the locked task (any more), ForbiddenError without `capability`.

    A member finds what is in the trash there.
    """
    if not authority.sees(locked.roles):
        raise NotFoundError
    require_kept(locked.project, is_member=True)
    if locked.task.trash_id is not None:
        raise in_trash(locked.task.trash_id)
    if not authority.may(locked.roles, capability):
        raise ForbiddenError


def _concerned(authority: Authority, tasks: Iterable[Task], people: Iterable[int | None]) -> set[int | None]:
    """Return the ids of the people whose roles a write of `tasks` looks at."""
    return {authority.user.pk, *people}.union(*((task.assigned_to_id, task.created_by_id) for task in tasks))


def lock_rows(task: Task | int, *, target_id: int | None = None) -> LockedTask:
    """Lock the rows without asking for rights, as jobs do; `roles` stay empty. Raises NotFoundError when it is gone.

    Projects are locked by ascending id. When the task has moved meanwhile the write starts again; only where it
    cannot is the further project locked out of order.
    """
    task_id, project_id = (task, _project_of(task)) if isinstance(task, int) else (task.pk, task.project_id)
    while True:
        projects, row = _lock_both(task_id, project_id, target_id)
        if row.project_id in projects:
            break
        project_id = row.project_id
        if not isinstance(task, int):
            task.project_id = project_id  # where the next run looks first
        start_again()
    project = projects[row.project_id]
    row.project = project
    target = projects[target_id] if target_id is not None and target_id != project.pk else None
    return LockedTask(project, {}, row, LockedProject(target, {}) if target else None)


def locked_tasks(ids: Iterable[int]) -> list[Task]:
    """Lock tasks of projects that are locked, by ascending id, without those that are gone."""
    return _locked_tasks().all({"ids": list(ids)})


@cache
def _locked_tasks() -> ModelStatement[Task]:
    rows = Task.objects.filter(AnyOf("id", "ids")).order_by("pk")
    return ModelStatement(rows.select_for_update(no_key=True))


def _lock_both(task_id: int, project_id: int, target_id: int | None) -> tuple[dict[int, Project], Task]:
    """Lock the projects and then the task, wherever it is; raises NotFoundError when it or `project_id` is gone.

    By one statement where it stays in its project.
    """
    if target_id is None or target_id == project_id:
        found = lock_project_with(project_id, Task, task_id)
        if found is None:
            raise NotFoundError
        return {project_id: found[0]}, found[1]
    projects = _lock_projects(project_id, target_id)
    rows = locked_tasks([task_id])
    if not rows:
        raise NotFoundError
    return projects, rows[0]


def _project_of(task_id: int) -> int:
    project_id = Task.objects.filter(pk=task_id).values_list("project_id", flat=True).first()
    if project_id is None:
        raise NotFoundError
    return project_id


def _lock_projects(project_id: int, target_id: int) -> dict[int, Project]:
    projects = {}
    for each in sorted({project_id, target_id}):
        try:
            projects[each] = lock_project(each)
        except NotFoundError:
            if each == project_id:
                raise
            raise unknown_project() from None
    return projects


def roles_among(project_id: int, people: Iterable[int | None]) -> Roles:
    """Return {person: role} of those of `people` who are members of the locked project."""
    return _roles(project_id, set(people))


def _roles(project_id: int, people: set[int | None]) -> Roles:
    return _roles_in([project_id], people)[project_id]


def _roles_in(project_ids: Iterable[int], people: set[int | None]) -> dict[int, Roles]:
    """Return {person: role} for each of the projects; without those whose API token does not reach it."""
    roles: dict[int, Roles] = {project_id: {} for project_id in project_ids}
    ids = sorted(person for person in people if person is not None)
    for project_id, person, role in _roles_statement().run({"projects": sorted(roles), "people": ids}):
        if not is_out_of_reach(project_id, person):
            roles[project_id][person] = role
    return roles


@cache
def _roles_statement() -> Statement:
    members = Membership.objects.filter(AnyOf("user_id", "people"), AnyOf("project_id", "projects"))
    return Statement(members.values_list("project_id", "user_id", "role"))


def _require_target(authority: Authority, locked: LockedProject, capability: Capability) -> None:
    if not authority.sees(locked.roles) or locked.project.trash_id is not None:
        raise unknown_project()
    if not authority.may(locked.roles, capability):
        raise ForbiddenError


def unknown_project() -> ValidationError:
    """Return the answer to a project in a body that is absent or not visible to the caller."""
    return ValidationError.at("/project", "does_not_exist", "There is no such project.")


def require_state(locked: LockedTask, expected: Expected) -> None:
    """Raise PreconditionFailed for another version, ConflictError when a project is archived."""
    require_version(locked.task, expected)
    require_active(locked.project)
    if locked.target is not None:
        require_active(locked.target.project)


def require_assignable(locked: LockedProject, user_id: int | None) -> None:
    """Raise ValidationError unless `user_id` is a member of the place, or None."""
    if user_id is not None and user_id not in locked.roles:
        raise ValidationError.at("/assigned_to", "not_a_member", "An assignee must be a member of the project.")
