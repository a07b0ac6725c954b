"""The only door through which comments are written."""

from apps.tasks.comments.services.removing import delete_comment, erase_version
from apps.tasks.comments.services.writing import create_comment, edit_comment

__all__ = ["create_comment", "delete_comment", "edit_comment", "erase_version"]
