"""What people are notified about exports."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

from apps.exports.models import Export, ExportState
from apps.notifications.kinds import Content, Kind, register
from apps.notifications.models import Notification
from apps.notifications.user_text import user_text
from apps.projects.messages import of_members


@register
class ExportReady(Kind):
    """An export can be downloaded: for who asked for it, of a project while they are a member."""

    name = "export_ready"
    label = gettext_lazy("An export I asked for is ready")
    notifies_actor = True

    @classmethod
    def load(cls, rows: Sequence[Notification]) -> Mapping[int, Export]:
        """Return each row's export with its project, in two queries for all rows."""
        exports = Export.objects.select_related("project").in_bulk({row.data["export"] for row in rows})
        return {row.pk: exports[row.data["export"]] for row in of_members(rows) if row.data["export"] in exports}

    @classmethod
    def reason_to_withhold(cls, row: Notification, subject: Export) -> str:
        is_there = subject.state_at(timezone.now()) == ExportState.READY
        return "" if is_there else "the export is not there any more"

    @classmethod
    def content(cls, row: Notification, subject: Export) -> Content:
        project = subject.project
        if project is None:
            title, what, thread = (
                gettext("The export of your account is ready"),
                gettext("your account"),
                "account-export",
            )
        else:
            name = user_text(project.name)
            title, what = (
                gettext("The export of {name} is ready").format(name=name),
                gettext("the project “{name}” ({key})").format(name=name, key=project.key),
            )
            thread = f"project-{project.pk}"
        return Content(
            title=title,
            lines=(gettext("The export of {what} that you asked for can be downloaded.").format(what=what),),
            why=gettext("You get this because you asked for the export."),
            thread=thread,
        )
