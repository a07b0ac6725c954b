"""What people are notified about imports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import gettext, gettext_lazy, pgettext_lazy

from apps.imports.models import ImportJob, ImportState, RowResult
from apps.notifications.kinds import Content, Kind, register
from apps.notifications.models import Notification
from apps.notifications.user_text import user_text
from apps.projects.messages import of_members

# What became of rows, in words
ROWS = {
    RowResult.CREATED.value: pgettext_lazy("rows", "created"),
    RowResult.UPDATED.value: pgettext_lazy("rows", "updated"),
    RowResult.UNCHANGED.value: pgettext_lazy("rows", "unchanged"),
    RowResult.KEPT.value: pgettext_lazy("rows", "kept"),
    RowResult.SKIPPED.value: pgettext_lazy("rows", "skipped"),
    RowResult.FAILED.value: pgettext_lazy("rows", "failed"),
}


@register
class ImportReady(Kind):
    """An import has ended: for who began it, while they are a member of the project."""

    name = "import_ready"
    label = gettext_lazy("An import I began has ended")
    notifies_actor = True

    @classmethod
    def load(cls, rows: Sequence[Notification]) -> Mapping[int, ImportJob]:
        """Return each row's import with its project, in two queries for all rows."""
        jobs = ImportJob.objects.select_related("project").in_bulk({row.data["import"] for row in rows})
        return {row.pk: jobs[row.data["import"]] for row in of_members(rows) if row.data["import"] in jobs}

    @classmethod
    def reason_to_withhold(cls, row: Notification, subject: ImportJob) -> str:
        return ""

    @classmethod
    def content(cls, row: Notification, subject: ImportJob) -> Content:
        place = user_text(subject.project.name) if subject.project else ""
        if subject.state == ImportState.FAILED:
            title = (
                gettext("The import into {name} was stopped by an error")
                if place
                else gettext("The import of a file was stopped by an error")
            )
        else:
            title = gettext("The import into {name} is done") if place else gettext("The import of a file is done")
        counts = [f"{number} {ROWS[name]}" for name in RowResult.values if (number := subject.result.get(name))]
        return Content(
            title=title.format(name=place),
            lines=(gettext("Rows: {counts}.").format(counts=", ".join(counts) or gettext("none")),),
            why=gettext("You get this because you began the import."),
            path=f"/imports/{subject.pk}/",
            thread=f"project-{subject.project_id}" if subject.project_id else f"import-{subject.pk}",
        )
