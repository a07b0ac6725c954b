"""The tables of tasks and of what hangs on them, one module for each.

Rules stand in the services of the rooms beside this package. Begin with `task.py`.
"""

from apps.tasks.models.attachment import Attachment, AttachmentQuerySet, AttachmentState
from apps.tasks.models.comment import COMMENT_LENGTH, Comment, CommentQuerySet, CommentVersion
from apps.tasks.models.label import (
    LABEL_DESCRIPTION_LENGTH,
    LABEL_NAME_LENGTH,
    Label,
    LabelQuerySet,
    TaskLabel,
)
from apps.tasks.models.mention import Mention
from apps.tasks.models.relation import READ_FROM_TO, Relation, RelationKind, RelationQuerySet
from apps.tasks.models.saved_view import DEFAULT_ORDERING, VIEW_NAME_LENGTH, GroupBy, Layout, SavedView, ViewFavourite
from apps.tasks.models.task import (
    DESCRIPTION_LENGTH,
    KEY,
    METADATA_MAX,
    OPEN,
    SEARCHED,
    TITLE_LENGTH,
    WORDS_COLUMN,
    Priority,
    Status,
    Task,
    TaskQuerySet,
    open_task,
    overdue,
    task_key,
)
from apps.tasks.models.watch import (
    PROJECT_LEVELS,
    TASK_LEVELS,
    Watch,
    WatchLevel,
    WatchQuerySet,
    WatchReason,
    watched_by,
)

__all__ = [
    "COMMENT_LENGTH",
    "DEFAULT_ORDERING",
    "DESCRIPTION_LENGTH",
    "KEY",
    "LABEL_DESCRIPTION_LENGTH",
    "LABEL_NAME_LENGTH",
    "METADATA_MAX",
    "OPEN",
    "PROJECT_LEVELS",
    "READ_FROM_TO",
    "SEARCHED",
    "TASK_LEVELS",
    "TITLE_LENGTH",
    "VIEW_NAME_LENGTH",
    "WORDS_COLUMN",
    "Attachment",
    "AttachmentQuerySet",
    "AttachmentState",
    "Comment",
    "CommentQuerySet",
    "CommentVersion",
    "GroupBy",
    "Label",
    "LabelQuerySet",
    "Layout",
    "Mention",
    "Priority",
    "Relation",
    "RelationKind",
    "RelationQuerySet",
    "SavedView",
    "Status",
    "Task",
    "TaskLabel",
    "TaskQuerySet",
    "ViewFavourite",
    "Watch",
    "WatchLevel",
    "WatchQuerySet",
    "WatchReason",
    "open_task",
    "overdue",
    "task_key",
    "watched_by",
]
