"""App configuration."""

from django.apps import AppConfig


class CalendarsConfig(AppConfig):
    name = "apps.calendars"
    label = "calendars"

    def ready(self) -> None:
        from apps.calendars.services import delete_feeds_of
        from apps.users.announcements import account_closing

        account_closing.listen(delete_feeds_of)
