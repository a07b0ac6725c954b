"""App configuration."""

from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "apps.users"
    label = "users"

    def ready(self) -> None:
        from apps.notifications.scopes import register_people
        from apps.users import messages, monitoring  # noqa: F401 - they register themselves
        from apps.users.credentials import schema  # noqa: F401 - as above
        from apps.users.people import people
        from apps.users.serializers import person_rows

        register_people(people, person_rows)
