"""What people are notified about imports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from apps.imports.models import ImportJob, ImportState, RowResult
from apps.notifications.kinds import Content, Kind, register
from apps.notifications.models import Notification
from apps.notifications.user_text import user_text
from apps.projects.messages import of_members


@register
class ImportReady(Kind):
    """An import has ended: for who began it, while they are a member of the project."""

    name = "import_ready"
    label = "An import I began has ended"
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
        where = f"into {user_text(subject.project.name)}" if subject.project else "of a file"
        how = "broke off" if subject.state == ImportState.FAILED else "is done"
        counts = [f"{number} {name}" for name in RowResult.values if (number := subject.result.get(name))]
        return Content(
            title=f"The import {where} {how}",
            lines=(f"Rows: {', '.join(counts) or 'none'}.",),
            why="You get this because you began the import.",
            path=f"/imports/{subject.pk}/",
            thread=f"project-{subject.project_id}" if subject.project_id else f"import-{subject.pk}",
        )
