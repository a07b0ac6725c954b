"""The only door through which watch levels are written, and people are notified of events about tasks."""

from apps.tasks.watching.services.following import FOLLOW, follow, followers, keep_members
from apps.tasks.watching.services.levels import set_project_level, set_task_level, unwatch_task
from apps.tasks.watching.services.notifying import notify_batch, notify_event, notify_unblocked
from apps.tasks.watching.services.watchers import add_watcher, remove_watcher

__all__ = [
    "FOLLOW",
    "add_watcher",
    "follow",
    "followers",
    "keep_members",
    "notify_batch",
    "notify_event",
    "notify_unblocked",
    "remove_watcher",
    "set_project_level",
    "set_task_level",
    "unwatch_task",
]
