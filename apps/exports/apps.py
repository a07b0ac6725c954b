"""App configuration."""

from django.apps import AppConfig


class ExportsConfig(AppConfig):
    name = "apps.exports"
    label = "exports"

    def ready(self) -> None:
        from apps.exports import messages, monitoring  # noqa: F401 - the kind and the check register themselves
        from apps.exports.models import Export
        from apps.exports.services import delete_exports_of
        from apps.projects.erasure import registry
        from apps.users.announcements import account_closing

        registry.delete_with(Export, project=["project_id"])
        account_closing.listen(delete_exports_of)
