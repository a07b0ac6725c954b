"""What an entry of a project's history can say was done."""

from __future__ import annotations

# Verb -> what happened. Clients get the list with the API's schema.
VERBS = {
    "archived": "The project or the task was archived.",
    "assigned": "The task was given to somebody, or taken from somebody.",
    "attachment_added": "A file was attached to the task.",
    "attachment_deleted": "A file of the task was deleted.",
    "attachments_expired": "Files of the task were deleted because they had expired.",
    "comment_deleted": "A comment was deleted.",
    "comment_edited": "A comment was edited.",
    "comment_version_erased": "A former text of a comment was erased.",
    "commented": "Somebody commented on the task.",
    "created": "The project or the task was created.",
    "deleted": "The project or the task was deleted.",
    "imported": "An import ended.",
    "label_created": "A label was created.",
    "label_deleted": "A label was deleted.",
    "label_edited": "A label was changed.",
    "labels_merged": "A label was merged into another.",
    "member_added": "Somebody became a member.",
    "member_removed": "A member was removed, or left.",
    "moved_in": "The task came from another project.",
    "moved_out": "The task went to another project.",
    "relation_added": "The task was related to another.",
    "relation_removed": "A relation of the task was removed.",
    "restored": "The project or the task came back from the trash.",
    "role_changed": "A member's role was changed.",
    "status_changed": "The task's status was changed.",
    "tasks_unassigned": "Tasks lost their assignee because a member left.",
    "transferred": "The project has a new owner.",
    "unarchived": "The project or the task was taken out of the archive.",
    "updated": "Fields of the project or the task were changed.",
    "view_edited": "A shared view was changed.",
    "view_removed": "A view is no longer shared.",
    "view_shared": "A view was shared.",
    "webhook_added": "A webhook was added.",
    "webhook_disabled": "A webhook was disabled.",
    "webhook_edited": "A webhook was changed.",
    "webhook_removed": "A webhook was removed.",
}
VERB_CHOICES = list(VERBS.items())
