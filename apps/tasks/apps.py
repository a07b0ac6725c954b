"""App configuration."""

from django.apps import AppConfig


class TasksConfig(AppConfig):
    name = "apps.tasks"
    label = "tasks"

    def ready(self) -> None:
        from apps.projects.announcements import member_leaving, project_deleting
        from apps.tasks import messages  # noqa: F401
        from apps.tasks.reminders import messages as reminder_messages  # noqa: F401 - the kinds register themselves
        from apps.tasks.services import member_events

        member_leaving.listen(member_events.unassign_leaving_member)
        project_deleting.listen(member_events.detach_files_of_project)
