"""App configuration."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    name = "apps.reports"
    label = "reports"

    def ready(self) -> None:
        from apps.projects.erasure import registry
        from apps.reports import messages  # noqa: F401 - the kind registers itself
        from apps.reports.models import Report

        registry.delete_with(Report, project=["project_id"])
