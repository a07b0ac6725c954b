"""The lock order: the project's row first, then whatever stands in it.

Every write below a project takes the project's row `FOR NO KEY UPDATE`, so roles and counts that
are read afterwards stay true until the commit; a plain FOR UPDATE would block each insert that
refers to the project.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TypeVar

from django.db import connection
from django.db.models import Model
from django.db.transaction import TransactionManagementError

from apps.common.errors import ConflictError, ForbiddenError, NotFoundError
from apps.common.origin import is_out_of_reach
from apps.common.sql.statements import AnyOf, ModelStatement, bound, columns_of, instances, prepared
from apps.projects.missing import in_trash
from apps.projects.models import Membership, Project
from apps.projects.roles import Capability, allows
from apps.users.models import User

M = TypeVar("M", bound=Model)

# PostgreSQL locks the row when it leaves the join, so after the project's, and then reads again what changed meanwhile.
LOCK_WITH = """
WITH project AS MATERIALIZED ({project})
SELECT project.*, {columns} FROM project JOIN {table} AS inner_row ON inner_row.id = %s
FOR NO KEY UPDATE OF inner_row
"""


def lock_project(project_id: int) -> Project:
    """Return the project with its row locked until the commit; NotFoundError when it is gone."""
    project = lock_projects([project_id]).get(project_id)
    if project is None:
        raise NotFoundError
    return project


def lock_projects(project_ids: Iterable[int]) -> dict[int, Project]:
    """Return the projects by id, without those that are gone, locked by ascending id until the commit."""
    _require_transaction()
    found = _locked().all({"ids": sorted(set(project_ids))})
    return {project.pk: project for project in found}


def lock_project_with(project_id: int, model: type[M], pk: int) -> tuple[Project, M] | None:
    """Return a project and the row of `model` with the id `pk`, locked in this order; None when one of them is gone.

    The row need not stand in the project: whether it does is known under the locks alone.
    """
    _require_transaction()
    text, width = _locked_with(model)
    rows, _ = prepared(text, [bound([project_id]), bound(pk)])
    if not rows:
        return None
    [project], [row] = instances(Project, [rows[0][:width]]), instances(model, [rows[0][width:]])
    return project, row


@cache
def _locked_with(model: type[Model]) -> tuple[str, int]:
    """Return the statement, and how many of its columns are the project's."""
    columns = ", ".join(f"inner_row.{name}" for name in columns_of(model))
    text = LOCK_WITH.format(project=_locked().text, columns=columns, table=model._meta.db_table)
    return text, len(columns_of(Project))


def _require_transaction() -> None:
    if not connection.in_atomic_block:
        raise TransactionManagementError("A lock needs a transaction to hold it.")


@cache
def _locked() -> ModelStatement[Project]:
    rows = Project.objects.filter(AnyOf("id", "ids")).order_by("pk")
    return ModelStatement(rows.select_for_update(no_key=True, of=("self",)))


def lock_project_as(actor: User, project_id: int, capability: Capability, *, as_administrator: bool = False) -> Project:
    """Return the locked project after asking again whether `actor` may do this.

    What the view saw before the lock may be gone: raises NotFoundError when the actor is no member
    (any more), ForbiddenError when their role lacks `capability`. The project carries the `role`.
    `as_administrator` is for the admin site alone, which has asked for its own permissions.
    """
    project = lock_project(project_id)
    if project.trash_id is not None:
        require_kept(project, is_member=as_administrator or is_member(project.pk, actor.pk))
    if not as_administrator:
        require_capability(project, actor, capability)
    return project


def require_kept(project: Project, *, is_member: bool) -> None:
    """Raise NotFoundError when the locked project is in the trash; only a member learns in which entry."""
    if project.trash_id is not None:
        raise in_trash(project.trash_id) if is_member else NotFoundError


def require_capability(project: Project, actor: User, capability: Capability) -> None:
    """Set the locked project's `role` to the actor's; NotFoundError or ForbiddenError without the capability."""
    role = role_in(project.pk, actor.pk)
    if role is None:
        raise NotFoundError
    if not allows(role, capability):
        raise ForbiddenError
    project.role = role


def role_in(project_id: int, user_id: int) -> str | None:
    """Return the person's role in the project; None for strangers, and where their API token does not reach."""
    if is_out_of_reach(project_id, user_id):
        return None
    return Membership.objects.filter(project_id=project_id, user_id=user_id).values_list("role", flat=True).first()


def is_member(project_id: int, user_id: int) -> bool:
    """Return whether the person is a member of the project, in whatever role."""
    return role_in(project_id, user_id) is not None


def require_active(project: Project) -> None:
    """Raise ConflictError when the project is archived and so read-only."""
    if project.is_archived:
        raise ConflictError("The project is archived and so read-only.", code="project_archived")


def require_no_inbox(project: Project, act: str) -> None:
    """Raise ConflictError when the project is an Inbox; `act` is what cannot be done to it, such as `shared`."""
    if project.is_inbox:
        raise ConflictError(f"An Inbox cannot be {act}.", code="inbox_is_personal")
