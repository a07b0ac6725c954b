"""What people are notified about reports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext, gettext_lazy

from apps.notifications.kinds import Content, Kind, register
from apps.notifications.models import Notification
from apps.notifications.user_text import user_text
from apps.projects.messages import of_members
from apps.reports.models import Report, ReportStatus


@register
class ReportReady(Kind):
    """A report can be downloaded: for who asked for it, while they are a member."""

    name = "report_ready"
    label = gettext_lazy("A report I asked for is ready")
    notifies_actor = True

    @classmethod
    def load(cls, rows: Sequence[Notification]) -> Mapping[int, Report]:
        """Return each row's report with its project, in two queries for all rows."""
        reports = (
            Report.objects.filter(pk__in={row.data["report"] for row in rows})
            .select_related("project")
            .only("status", "project__name", "project__key")
            .in_bulk()
        )
        return {row.pk: reports[row.data["report"]] for row in of_members(rows) if row.data["report"] in reports}

    @classmethod
    def reason_to_withhold(cls, row: Notification, subject: Report) -> str:
        return "" if subject.status == ReportStatus.READY else "the report is not there any more"

    @classmethod
    def content(cls, row: Notification, subject: Report) -> Content:
        project = subject.project
        name = user_text(project.name)
        return Content(
            title=gettext("The report of {name} is ready").format(name=name),
            lines=(
                gettext("The report of the project “{name}” ({key}) that you asked for can be downloaded.").format(
                    name=name, key=project.key
                ),
            ),
            why=gettext("You get this because you asked for the report."),
            thread=f"project-{project.pk}",
        )
