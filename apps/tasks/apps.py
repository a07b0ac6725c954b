"""App configuration."""

from django.apps import AppConfig


class TasksConfig(AppConfig):
    name = "apps.tasks"
    label = "tasks"

    def ready(self) -> None:
        from apps.projects.announcements import member_leaving, project_deleting
        from apps.tasks import messages, reminder_messages  # noqa: F401 - the kinds register themselves
        from apps.tasks.services import leaving

        member_leaving.listen(leaving.unassign_leaving_member)
        project_deleting.listen(leaving.detach_files_of_project)
