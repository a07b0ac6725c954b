"""The only door through which tasks are written."""

from apps.tasks.locking import unknown_project
from apps.tasks.services.archiving import archive_task, archive_tasks, unarchive_task, unarchive_tasks
from apps.tasks.services.creation import create_task
from apps.tasks.services.deletion import delete_task
from apps.tasks.services.editing import assign_task, change_task_status, update_task, update_tasks
from apps.tasks.services.reordering import move_task

__all__ = [
    "archive_task",
    "archive_tasks",
    "assign_task",
    "change_task_status",
    "create_task",
    "delete_task",
    "move_task",
    "unarchive_task",
    "unarchive_tasks",
    "unknown_project",
    "update_task",
    "update_tasks",
]
