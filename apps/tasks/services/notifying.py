"""Who is notified of a write to a task; rows of the outbox in the same transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from apps.notifications.kinds import Kind
from apps.notifications.services import NotificationRequest, notify_many
from apps.projects.roles import Capability, allows
from apps.tasks import messages
from apps.tasks.fields import is_silent
from apps.tasks.locking import Roles
from apps.tasks.models import Task
from apps.users.models import User

Changes = Mapping[str, tuple[Any, Any]]

# What does not fit into a notification is shortened; the history has it all.
NOTICE_LENGTH = 300


def notify_created(task: Task, *, actor: User, roles: Roles) -> None:
    """Notify the assignee, and the owner and admins of a new task; `roles` has the managers' roles."""
    managers = {user_id for user_id, role in roles.items() if allows(role, Capability.MANAGE_PROJECT)}
    about = About(task, actor)
    notify_many(
        [
            *about.entries(messages.TaskAssigned, {task.assigned_to_id}, act="assign"),
            *about.entries(messages.TaskCreated, managers - {task.assigned_to_id}, act="create"),
        ]
    )


def notify_changed(task: Task, changes: Changes, *, actor: User, roles: Roles) -> None:
    """Notify the assignee and the creator, while they are members, of `changes` just made.

    Who is given the task or loses it hears of that alone.
    """
    if is_silent(changes):
        return
    shown = {name: {"from": _short(old), "to": _short(new)} for name, (old, new) in changes.items()}
    old, new = changes.get("assigned_to", (None, None))
    others = ({task.assigned_to_id, task.created_by_id} & roles.keys()) - {old, new}
    kind = messages.TaskStatusChanged if set(changes) == {"status"} else messages.TaskUpdated
    about = About(task, actor, shown)
    notify_many(
        [
            *about.entries(messages.TaskAssigned, {new}, act="assign"),
            *about.entries(messages.TaskUnassigned, {old} & roles.keys(), act="unassign"),
            *about.entries(kind, others, act="update"),
        ]
    )


@dataclass(frozen=True)
class About:
    """What every row of one write says."""

    task: Task
    actor: User
    changes: Mapping[str, Any] = field(default_factory=dict)

    def entries(self, kind: type[Kind], people: Iterable[int | None], *, act: str) -> Iterator[NotificationRequest]:
        """Yield a row for each of `people` but the actor."""
        task = self.task
        for person in sorted({person for person in people if person is not None} - {self.actor.pk}):
            yield NotificationRequest(
                kind,
                recipient_id=person,
                dedupe=f"{act}:{task.pk}:{task.version}",
                actor_id=self.actor.pk,
                project_id=task.project_id,
                task_id=task.pk,
                data={"changes": dict(self.changes)},
            )


def _short(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    if isinstance(value, str) and len(value) > NOTICE_LENGTH:
        return value[: NOTICE_LENGTH - 1] + "…"
    return value
