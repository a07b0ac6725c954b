"""App configuration."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    name = "apps.notifications"
    label = "notifications"

    def ready(self) -> None:
        """Let readiness, metrics and `doctor` ask how the ledger is."""
        from apps.notifications import monitoring

        monitoring.connect()
