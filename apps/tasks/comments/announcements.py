"""What this room announces to those that keep texts of comments, inside the transaction in which it happens."""

from __future__ import annotations

from apps.common.announcements import Announcement

# (project id, comment id): the comment was deleted, or a former text of it erased for good; its task is locked.
comment_text_erased = Announcement[[int, int]]("comment_text_erased")
