"""Erasing tasks for good: by a purge, or by a deletion while there is no trash."""

from __future__ import annotations

from collections.abc import Sequence

from apps.common.announcements import Announcement
from apps.projects.erasure import erase_below, erase_rows
from apps.tasks.attachments.services import detach_files
from apps.tasks.models import Task
from apps.tasks.relations.services import record_ending

# (ids of tasks): they are about to be deleted with all that is below them; their projects' rows are locked.
tasks_erasing = Announcement[[Sequence[int]]]("tasks_erasing")


def erase_tasks(task_ids: Sequence[int]) -> None:
    """Delete tasks with all that is below them, in the caller's transaction; their files are detached (TR11).

    The caller holds the locks of their projects, and keeps counts and history.
    """
    record_ending(task_ids)
    tasks_erasing.announce(task_ids)
    detach_files(task_ids=task_ids)
    erase_below("task", task_ids)
    erase_rows(Task, task_ids)
