"""App configuration."""

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "apps.imports"
    label = "imports"

    def ready(self) -> None:
        from apps.imports import messages, monitoring  # noqa: F401 - the kind and the check register themselves
        from apps.imports.models import ImportJob, ImportRow
        from apps.imports.services import delete_imports_of
        from apps.projects.erasure import registry
        from apps.users.announcements import account_closing

        monitoring.connect()
        registry.delete_with(ImportJob, project=["project_id"])
        registry.delete_with(ImportRow, task=["task_id"], through="job")
        account_closing.listen(delete_imports_of)
