"""The tables of tasks and of what hangs on them, one module for each.

Rules stand in the services of the rooms beside this package. Begin with `task.py`.
"""

from apps.tasks.models.attachment import Attachment, AttachmentQuerySet, AttachmentState
from apps.tasks.models.task import (
    DESCRIPTION_LENGTH,
    KEY,
    METADATA_MAX,
    OPEN,
    SEARCHED,
    TITLE_LENGTH,
    Priority,
    Status,
    Task,
    TaskQuerySet,
    overdue,
    task_key,
)

__all__ = [
    "DESCRIPTION_LENGTH",
    "KEY",
    "METADATA_MAX",
    "OPEN",
    "SEARCHED",
    "TITLE_LENGTH",
    "Attachment",
    "AttachmentQuerySet",
    "AttachmentState",
    "Priority",
    "Status",
    "Task",
    "TaskQuerySet",
    "overdue",
    "task_key",
]
