"""Who is told of a write to a task; rows of the ledger in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from apps.notifications.kinds import Kind
from apps.notifications.services import tell
from apps.projects.roles import Capability, allows
from apps.tasks import messages
from apps.tasks.models import Task
from apps.tasks.services.locking import Roles
from apps.users.models import User

Changes = Mapping[str, tuple[Any, Any]]

# What does not fit into a notice is shortened; the history has it all.
NOTICE_LENGTH = 300
# Fields whose values mean nothing to a reader
SILENT = {"metadata"}


def tell_created(task: Task, *, actor: User, roles: Roles) -> None:
    """Tell the assignee, and the owner and admins of a new task; `roles` has the managers' roles."""
    managers = {user_id for user_id, role in roles.items() if allows(role, Capability.MANAGE_PROJECT)}
    _tell(messages.TaskAssigned, task, {task.assigned_to_id}, actor=actor, act="assign")
    _tell(messages.TaskCreated, task, managers - {task.assigned_to_id}, actor=actor, act="create")


def tell_changed(task: Task, changes: Changes, *, actor: User, roles: Roles) -> None:
    """Tell the assignee and the creator, while they are members, of `changes` just made.

    Who is given the task or loses it hears of that alone.
    """
    if set(changes) <= SILENT:
        return
    shown = {name: {"from": _short(old), "to": _short(new)} for name, (old, new) in changes.items()}
    old, new = changes.get("assigned_to", (None, None))
    _tell(messages.TaskAssigned, task, {new}, actor=actor, act="assign", changes=shown)
    _tell(messages.TaskUnassigned, task, {old} & roles.keys(), actor=actor, act="unassign", changes=shown)
    others = ({task.assigned_to_id, task.created_by_id} & roles.keys()) - {old, new}
    kind = messages.TaskStatusChanged if set(changes) == {"status"} else messages.TaskUpdated
    _tell(kind, task, others, actor=actor, act="update", changes=shown)


def _tell(
    kind: type[Kind],
    task: Task,
    people: Iterable[int | None],
    *,
    actor: User,
    act: str,
    changes: Mapping[str, Any] | None = None,
) -> None:
    recipients = {person for person in people if person is not None and person != actor.pk}
    if not recipients:
        return
    tell(
        kind,
        recipient_ids=recipients,
        dedupe=f"{act}:{task.pk}:{task.version}",
        actor_id=actor.pk,
        project_id=task.project_id,
        task_id=task.pk,
        data={"changes": dict(changes or {})},
    )


def _short(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, str) and len(value) > NOTICE_LENGTH:
        return value[: NOTICE_LENGTH - 1] + "…"
    return value
