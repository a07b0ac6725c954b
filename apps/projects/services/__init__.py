"""The only door through which projects, memberships and their history are written."""

from apps.projects.services.counting import adjust_counts, next_task_number
from apps.projects.services.history import record_activity
from apps.projects.services.inbox import ensure_inbox
from apps.projects.services.locking import (
    is_member,
    lock_project,
    lock_project_as,
    require_active,
    require_capability,
    role_in,
)

__all__ = [
    "adjust_counts",
    "ensure_inbox",
    "is_member",
    "lock_project",
    "lock_project_as",
    "next_task_number",
    "record_activity",
    "require_active",
    "require_capability",
    "role_in",
]
