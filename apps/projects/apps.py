"""App configuration."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "apps.projects"
    label = "projects"

    def ready(self) -> None:
        """Fill the registries of the apps below."""
        from apps.batches.services import delete_batches_of
        from apps.notifications.models import Notification
        from apps.notifications.scopes import register_scope
        from apps.projects import erasure_checks, messages, services  # noqa: F401 - the checks register themselves
        from apps.projects.erasure import registry
        from apps.projects.models import Activity, Membership, Project, TrashEntry
        from apps.users import announcements

        registry.add_root("project", Project)
        registry.delete_with(Activity, project=["project_id"])
        registry.delete_with(TrashEntry, project=["project_id"])
        registry.leave(Activity, task=["task_id"], why="history stays as long as the project")
        registry.leave(Membership, project=["project_id"], why="`erase` deletes it together with the project's row")
        registry.leave(
            Notification, project=["project_id"], task=["task_id"], why="shows no content any more; purged by age"
        )
        register_scope(messages.still_readable)
        announcements.account_opened.listen(services.ensure_inbox)
        announcements.session_opened.listen(services.ensure_inbox)
        announcements.account_closing.listen(services.release_account)  # may reject: before those that delete
        announcements.account_closing.listen(delete_batches_of)
