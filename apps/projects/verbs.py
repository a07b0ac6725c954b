"""What an entry of a project's history can say was done."""

from __future__ import annotations

# Verb -> what happened. Clients get the list with the API's schema.
VERBS = {
    "archived": "The project or the task was archived.",
    "assigned": "The task was given to somebody, or taken from somebody.",
    "attachment_added": "A file was attached to the task.",
    "attachment_deleted": "A file of the task was deleted.",
    "attachments_expired": "Files of the task were deleted because their time was over.",
    "created": "The project or the task was created.",
    "deleted": "The task was deleted.",
    "member_added": "Somebody became a member.",
    "member_removed": "A member was removed, or left.",
    "moved_in": "The task came from another project.",
    "moved_out": "The task went to another project.",
    "role_changed": "A member's role was changed.",
    "status_changed": "The task's status was changed.",
    "tasks_unassigned": "Tasks lost their assignee because a member left.",
    "transferred": "The project has a new owner.",
    "unarchived": "The project or the task was taken out of the archive.",
    "updated": "Fields of the project or the task were changed.",
}
VERB_CHOICES = list(VERBS.items())
