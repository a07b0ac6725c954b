"""The JSON shape of reports."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from apps.common.api.serializers import InstantField, StrictMixin
from apps.reports.models import Report, ReportStatus
from apps.tasks.serializers import TaskStatisticsSerializer
from apps.users.serializers import PersonSerializer


@extend_schema_field(TaskStatisticsSerializer)
class SummaryField(serializers.JSONField):
    """The figures of the time of building, in the shape of the tasks' statistics."""


class ReportSerializer(StrictMixin, serializers.ModelSerializer[Report]):
    """A report on the tasks of a project."""

    status = serializers.ChoiceField(choices=ReportStatus.choices, read_only=True)
    created_by = PersonSerializer(read_only=True)
    created_at = InstantField(read_only=True)
    finished_at = InstantField(read_only=True, allow_null=True)
    summary = SummaryField(read_only=True, allow_null=True)
    url = serializers.SerializerMethodField(help_text="Where the CSV is; null until the report is ready.")

    class Meta:
        model = Report
        fields = ("id", "status", "created_by", "created_at", "finished_at", "summary", "url")
        read_only_fields = fields

    def get_url(self, report: Report) -> str | None:
        """Return the address of the download, None until there is one."""
        if report.status != ReportStatus.READY:
            return None
        place = {"project_pk": report.project_id, "pk": report.pk}
        return reverse("project-report-download", kwargs=place, request=self.context.get("request"))
