"""What people are notified about webhooks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext, gettext_lazy

from apps.notifications.kinds import Content, Kind, register
from apps.notifications.models import Notification
from apps.notifications.user_text import user_text
from apps.projects.models import Membership, Project
from apps.projects.roles import Capability, allows
from apps.webhooks.models import Reason, State, Webhook

WHY = {
    Reason.GONE.value: gettext_lazy("Its receiver answered 410 Gone."),
    Reason.FAILING.value: gettext_lazy("No delivery has succeeded for five days."),
    Reason.FILTER.value: gettext_lazy("Its filter names something that is gone."),
}


@dataclass(frozen=True)
class Stopped:
    """The webhook as it is now, with its project and the recipient's place there."""

    webhook: Webhook
    project: Project


@register
class WebhookDisabled(Kind):
    """A webhook of a project was disabled, not by a person: for its owner and admins."""

    name = "webhook_disabled"
    label = gettext_lazy("A webhook of a project I manage is disabled")

    @classmethod
    def load(cls, rows: Sequence[Notification]) -> Mapping[int, Stopped]:
        """Return each row's webhook, in two queries for all rows; for those who manage the project."""
        webhooks = (
            Webhook.objects.filter(pk__in={row.data["webhook"] for row in rows}, project__trash=None)
            .select_related("project")
            .in_bulk()
        )
        memberships = Membership.objects.filter(
            project__in={row.project_id for row in rows}, user__in={row.reader_id for row in rows}
        )
        roles = {(found.project_id, found.user_id): found.role for found in memberships}
        return {
            row.pk: Stopped(webhook, webhook.project)
            for row in rows
            if (webhook := webhooks.get(row.data["webhook"]))
            and allows(roles.get((row.project_id or 0, row.reader_id)), Capability.MANAGE_PROJECT)
        }

    @classmethod
    def reason_to_withhold(cls, row: Notification, subject: Stopped) -> str:
        return "" if subject.webhook.state == State.DISABLED else "the webhook was enabled again"

    @classmethod
    def content(cls, row: Notification, subject: Stopped) -> Content:
        name = user_text(subject.project.name)
        described = subject.webhook.description
        which = (
            gettext("The webhook “{name}”").format(name=user_text(described))
            if described
            else gettext("Webhook {pk}").format(pk=subject.webhook.pk)
        )
        return Content(
            title=gettext("A webhook of {name} was disabled").format(name=name),
            lines=(
                gettext("{which} of the project “{name}” ({key}) no longer gets events. {reason}").format(
                    which=which, name=name, key=subject.project.key, reason=WHY.get(row.data["reason"], "")
                ),
                gettext(
                    "Enable it when its receiver is ready, and let it have what it missed: see its settings, or"
                    " `enable/` and `redeliver/` in the API."
                ),
            ),
            why=gettext("You get this because you manage the project."),
            thread=f"project-{subject.project.pk}",
        )
