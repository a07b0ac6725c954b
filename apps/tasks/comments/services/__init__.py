"""The only door through which comments are written."""

from apps.tasks.comments.services.importing import ImportedComment, import_comments
from apps.tasks.comments.services.mentioning import Named, people_named, store_mentions
from apps.tasks.comments.services.removing import delete_comment, erase_version
from apps.tasks.comments.services.writing import create_comment, edit_comment

__all__ = [
    "ImportedComment",
    "Named",
    "create_comment",
    "delete_comment",
    "edit_comment",
    "erase_version",
    "import_comments",
    "people_named",
    "store_mentions",
]
