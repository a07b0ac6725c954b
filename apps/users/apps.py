"""App configuration."""

from django.apps import AppConfig


class UsersConfig(AppConfig):
    name = "apps.users"
    label = "users"

    def ready(self) -> None:
        from apps.notifications.scopes import register_people
        from apps.users import messages, schema  # noqa: F401 - they register themselves
        from apps.users.people import people

        register_people(people)
