"""App configuration."""

from django.apps import AppConfig


class TasksConfig(AppConfig):
    name = "apps.tasks"
    label = "tasks"

    def ready(self) -> None:
        from apps.projects.announcements import member_leaving, project_deleting
        from apps.projects.detail_fields import register_detail_field
        from apps.tasks import messages  # noqa: F401
        from apps.tasks.counters import monitoring as counters  # noqa: F401 - its check registers itself
        from apps.tasks.labels.announcements import label_replacing
        from apps.tasks.reminders import messages as reminder_messages  # noqa: F401 - the kinds register themselves
        from apps.tasks.saved_views.rewriting import rewrite_label
        from apps.tasks.saved_views.services import delete_views_of
        from apps.tasks.services import member_events
        from apps.tasks.trash import monitoring as trash
        from apps.tasks.watching import messages as watching_messages  # noqa: F401
        from apps.tasks.watching.serializers import WatchLevelField
        from apps.users.announcements import account_closing

        _register_tables()
        label_replacing.listen(rewrite_label)
        account_closing.listen(delete_views_of)
        register_detail_field("watch_level", WatchLevelField)
        trash.connect()
        member_leaving.listen(member_events.unassign_leaving_member)
        project_deleting.listen(member_events.release_tasks_of_project)


def _register_tables() -> None:
    """Say what becomes of the rows below projects and tasks when these are erased."""
    from apps.batches.models import BatchItem
    from apps.projects.erasure import registry
    from apps.tasks.models import (
        Attachment,
        Comment,
        CommentVersion,
        Label,
        Mention,
        Relation,
        SavedView,
        Task,
        TaskLabel,
        Watch,
    )

    registry.add_root("task", Task)
    registry.delete_with(Task, project=["project_id"])
    registry.delete_with(Comment, task=["task_id"], through="task")
    registry.delete_with(CommentVersion, through="comment")
    registry.delete_with(Mention, task=["task_id"], through="task")
    registry.delete_with(Label, project=["project_id"])
    registry.delete_with(TaskLabel, task=["task_id"], through="task")
    registry.delete_with(Relation, task=["from_id", "to_id"], project=["from_project_id", "to_project_id"])
    registry.delete_with(BatchItem, project=["project_id"])
    registry.leave(BatchItem, task=["task_id"], why="stays with its batch, like the history; purged by age")
    registry.delete_with(Watch, task=["task_id"], project=["project_id"])
    registry.delete_with(SavedView, project=["project_id"])
    registry.leave(
        Attachment, project=["project_id"], task=["task_id"], why="detached; a job removes the file, then the row"
    )
