"""App configuration."""

from django.apps import AppConfig


class ProjectsConfig(AppConfig):
    name = "apps.projects"
    label = "projects"

    def ready(self) -> None:
        """Fill the registries of the apps below."""
        from apps.notifications.scopes import register_scope
        from apps.projects import messages, services
        from apps.users import announcements

        register_scope(messages.still_readable)
        announcements.account_opened.listen(services.ensure_inbox)
        announcements.session_opened.listen(services.ensure_inbox)
        announcements.account_closing.listen(services.release_account)
