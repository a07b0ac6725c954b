"""The only door through which projects, memberships and their history are written."""

from apps.projects.services.changes import archive_project, unarchive_project, update_project
from apps.projects.services.counting import adjust_counts
from apps.projects.services.creation import create_project
from apps.projects.services.events import Changes, CommonTables, Event, purge_activity, record_event, record_events
from apps.projects.services.inbox import ensure_inbox
from apps.projects.services.locking import (
    is_member,
    lock_project,
    lock_project_as,
    lock_project_with,
    lock_projects,
    require_active,
    require_capability,
    require_kept,
    require_no_inbox,
    role_in,
)
from apps.projects.services.members import add_member, admit_member, change_role, remove_member
from apps.projects.services.ownership import release_account, transfer_project
from apps.projects.services.readers import Reader, register_reader
from apps.projects.services.trash import (
    delete_project,
    lock_entry,
    make_entry,
    purge_project,
    restore_project,
)

__all__ = [
    "Changes",
    "CommonTables",
    "Event",
    "Reader",
    "add_member",
    "adjust_counts",
    "admit_member",
    "archive_project",
    "change_role",
    "create_project",
    "delete_project",
    "ensure_inbox",
    "is_member",
    "lock_entry",
    "lock_project",
    "lock_project_as",
    "lock_project_with",
    "lock_projects",
    "make_entry",
    "purge_activity",
    "purge_project",
    "record_event",
    "record_events",
    "register_reader",
    "release_account",
    "remove_member",
    "require_active",
    "require_capability",
    "require_kept",
    "require_no_inbox",
    "restore_project",
    "role_in",
    "transfer_project",
    "unarchive_project",
    "update_project",
]
