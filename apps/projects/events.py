"""The types of events in a project's log (contract E), and how history names them."""

from __future__ import annotations

from enum import StrEnum


class EventType(StrEnum):
    """`<object>.<what happened>`. Clients, webhooks and sync rely on the values."""

    PROJECT_CREATED = "project.created"
    PROJECT_UPDATED = "project.updated"
    PROJECT_TRANSFERRED = "project.transferred"
    PROJECT_ARCHIVED = "project.archived"
    PROJECT_UNARCHIVED = "project.unarchived"
    PROJECT_DELETED = "project.deleted"
    PROJECT_RESTORED = "project.restored"
    MEMBER_ADDED = "member.added"
    MEMBER_ROLE_CHANGED = "member.role_changed"
    MEMBER_REMOVED = "member.removed"
    TASK_CREATED = "task.created"
    TASK_UPDATED = "task.updated"
    TASK_MOVED_OUT = "task.moved_out"
    TASK_MOVED_IN = "task.moved_in"
    TASK_ARCHIVED = "task.archived"
    TASK_UNARCHIVED = "task.unarchived"
    TASK_DELETED = "task.deleted"
    TASK_RESTORED = "task.restored"
    TASK_PURGED = "task.purged"
    TASK_UNASSIGNED = "task.unassigned"
    TASK_REORDERED = "task.reordered"
    COMMENT_CREATED = "comment.created"
    COMMENT_UPDATED = "comment.updated"
    COMMENT_DELETED = "comment.deleted"
    ATTACHMENT_CREATED = "attachment.created"
    ATTACHMENT_DELETED = "attachment.deleted"
    LABEL_CREATED = "label.created"
    LABEL_UPDATED = "label.updated"
    LABEL_DELETED = "label.deleted"
    LABEL_MERGED = "label.merged"
    RELATION_CREATED = "relation.created"
    RELATION_DELETED = "relation.deleted"
    VIEW_CREATED = "view.created"
    VIEW_UPDATED = "view.updated"
    VIEW_DELETED = "view.deleted"
    WEBHOOK_CREATED = "webhook.created"
    WEBHOOK_UPDATED = "webhook.updated"
    WEBHOOK_DELETED = "webhook.deleted"
    WEBHOOK_DISABLED = "webhook.disabled"
    IMPORT_FINISHED = "import.finished"
    REPORT_READY = "report.ready"

    @property
    def object_type(self) -> str:
        """Return what the event is about, such as `task`."""
        return self.value.partition(".")[0]

    @property
    def verb(self) -> str:
        """Return the usual verb of `…/activity/`; an act may name a more exact one, such as `assigned`."""
        return USUAL_VERBS.get(self, self.value.partition(".")[2])


# Where the verb is not the part behind the dot
USUAL_VERBS = {
    EventType.MEMBER_ADDED: "member_added",
    EventType.MEMBER_ROLE_CHANGED: "role_changed",
    EventType.MEMBER_REMOVED: "member_removed",
    EventType.TASK_UNASSIGNED: "tasks_unassigned",
    EventType.COMMENT_CREATED: "commented",
    EventType.COMMENT_UPDATED: "comment_edited",
    EventType.COMMENT_DELETED: "comment_deleted",
    EventType.ATTACHMENT_CREATED: "attachment_added",
    EventType.ATTACHMENT_DELETED: "attachment_deleted",
    EventType.LABEL_CREATED: "label_created",
    EventType.LABEL_UPDATED: "label_edited",
    EventType.LABEL_DELETED: "label_deleted",
    EventType.LABEL_MERGED: "labels_merged",
    EventType.RELATION_CREATED: "relation_added",
    EventType.RELATION_DELETED: "relation_removed",
    EventType.VIEW_CREATED: "view_shared",
    EventType.VIEW_UPDATED: "view_edited",
    EventType.VIEW_DELETED: "view_removed",
    EventType.WEBHOOK_CREATED: "webhook_added",
    EventType.WEBHOOK_UPDATED: "webhook_edited",
    EventType.WEBHOOK_DELETED: "webhook_removed",
    EventType.WEBHOOK_DISABLED: "webhook_disabled",
    EventType.IMPORT_FINISHED: "imported",
}
TYPE_CHOICES = [(event_type.value, event_type.value) for event_type in EventType]
# In the log, but not in `…/activity/` (contract E7)
UNLISTED = (EventType.TASK_REORDERED, EventType.REPORT_READY, EventType.TASK_PURGED)
