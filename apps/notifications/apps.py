"""App configuration."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "apps.notifications"
    label = "notifications"

    def ready(self) -> None:
        """Let readiness, metrics and `doctor` ask how the outbox is."""
        from apps.notifications import monitoring

        monitoring.connect()
