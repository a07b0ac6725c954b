"""Enabling and disabling webhooks: by people, and by what their receivers answer."""

from __future__ import annotations

from apps.common.concurrency import Expected
from apps.common.dates.clock import database_now
from apps.common.errors import NotFoundError
from apps.common.transactions import write
from apps.notifications.services import notify
from apps.projects.events import EventType
from apps.projects.models import Activity, Membership
from apps.projects.roles import Role
from apps.projects.services import lock_project
from apps.users.models import User
from apps.webhooks import messages
from apps.webhooks.judging import note_all_matches
from apps.webhooks.models import Delivery, DeliveryState, Reason, State, Webhook
from apps.webhooks.reasons import DISABLED
from apps.webhooks.services.locking import announce_change, lock_row, lock_webhook, save_version
from apps.webhooks.subscriptions import types_of


@write
def enable_webhook(
    *, actor: User, webhook: Webhook, expected: Expected = None, as_administrator: bool = False
) -> Webhook:
    """Deliver events from now on; the row carries `missed`, the events since it stopped.

    Raises FilterError for a filter that names something that is gone, and what `lock_webhook` does.
    """
    project, row = lock_webhook(actor, webhook, expected=expected, as_administrator=as_administrator)
    row.missed = 0
    if row.is_active:
        return row
    missed = Activity.objects.filter(project=project, seq__gt=row.cursor_seq, type__in=types_of(row.events))
    row.missed = missed.count()
    changes = {"state": (row.state, State.ACTIVE.value), "disabled_reason": (row.disabled_reason, None)}
    row.state, row.disabled_reason, row.failing_since = State.ACTIVE, None, None
    row.cursor_seq = project.last_seq
    save_version(row, "state", "disabled_reason", "failing_since", "cursor_seq")
    note_all_matches(row)
    announce_change(EventType.WEBHOOK_UPDATED, row, changes, actor_id=actor.pk)
    return row


@write
def disable_webhook(
    *, actor: User, webhook: Webhook, expected: Expected = None, as_administrator: bool = False
) -> Webhook:
    """Deliver nothing any more; what waits has failed. Raises what `lock_webhook` does."""
    _, row = lock_webhook(actor, webhook, expected=expected, as_administrator=as_administrator)
    if row.is_active:
        _disable(row, Reason.MANUAL, actor_id=actor.pk)
    return row


@write
def disable(webhook_id: int, reason: Reason) -> None:
    """Disable a webhook for what its receiver or its filter does (WH5, WH7, WH10); nothing if it is gone or disabled.

    The owner and the admins of the project are notified.
    """
    project_id = Webhook.objects.filter(pk=webhook_id).values_list("project_id", flat=True).first()
    if project_id is None:
        return
    try:
        lock_project(project_id)
    except NotFoundError:
        return
    row = lock_row(webhook_id)
    if row is None or not row.is_active:
        return
    _disable(row, reason, actor_id=None)
    managers = Membership.objects.filter(project=project_id, role__in=(Role.OWNER, Role.ADMIN))
    notify(
        messages.WebhookDisabled,
        recipient_ids=managers.values_list("user_id", flat=True),
        dedupe=f"webhook_disabled:{row.pk}:{row.version}",
        project_id=project_id,
        data={"webhook": row.pk, "reason": reason.value},
    )


def _disable(row: Webhook, reason: Reason, *, actor_id: int | None) -> None:
    changes = {"state": (row.state, State.DISABLED.value), "disabled_reason": (None, reason.value)}
    row.state, row.disabled_reason = State.DISABLED, reason
    save_version(row, "state", "disabled_reason")
    # One that is under way settles by itself
    Delivery.objects.pending().filter(webhook=row, lease=None).update(
        state=DeliveryState.FAILED, error=DISABLED, finished_at=database_now()
    )
    announce_change(EventType.WEBHOOK_DISABLED, row, changes, actor_id=actor_id)
