"""App configuration."""

from django.apps import AppConfig


class BatchesConfig(AppConfig):
    name = "apps.batches"
    label = "batches"

    def ready(self) -> None:
        from apps.batches import services
        from apps.users import announcements

        announcements.account_closing.listen(services.delete_batches_of)
