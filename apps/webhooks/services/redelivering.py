"""Sending again, and sending a test (contract WH8, WH12)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, Max, OuterRef, QuerySet

from apps.common.background.nudge import nudge
from apps.common.concurrency import Expected
from apps.common.errors import ConflictError, NotFoundError, ValidationError
from apps.common.transactions import write
from apps.projects.models import Activity
from apps.users.models import User
from apps.webhooks.models import TEST_TYPE, Delivery, DeliveryState, Webhook
from apps.webhooks.selecting import Selected, select
from apps.webhooks.services.locking import lock_webhook, require_enabled
from apps.webhooks.subscriptions import types_of

DELIVER = "webhooks.deliver"
MAX_EVENTS = 10_000  # of one request, contract WH8
BATCH = 1_000  # rows per statement
NOT_DELIVERED = (DeliveryState.FAILED, DeliveryState.BLOCKED)


@write
def send_test(*, actor: User, webhook: Webhook, expected: Expected = None) -> Delivery:
    """Send a fixed body with a fresh id at once, and only once.

    Raises what `lock_webhook` does, ConflictError `webhook_disabled`, or `conflict` while a test is open.
    """
    _, row = lock_webhook(actor, webhook, expected=expected)
    require_enabled(row)
    if Delivery.objects.pending().filter(webhook=row, type=TEST_TYPE).exists():
        raise ConflictError("A test of this webhook is under way.")
    delivery = Delivery.objects.create(webhook=row, project_id=row.project_id, event_id=uuid.uuid4(), type=TEST_TYPE)
    nudge(DELIVER)
    return delivery


@write
def redeliver(
    *, actor: User, delivery: Delivery, expected: Expected = None, as_administrator: bool = False
) -> Delivery:
    """Send an event again, with the same id.

    Raises what `lock_webhook` does, ConflictError `webhook_disabled`, or `conflict` while a delivery of this event, or
    a test, is under way.
    """
    _, row = lock_webhook(actor, delivery.webhook, expected=expected, as_administrator=as_administrator)
    require_enabled(row)
    same = Delivery.objects.filter(webhook=row, event_id=delivery.event_id)
    if not same.filter(pk=delivery.pk).exists():
        raise NotFoundError
    if same.pending().exists() or _is_second_test(row, delivery):
        raise ConflictError("A delivery of this event is under way.")
    last = same.aggregate(last=Max("redelivery_no"))["last"]
    again = Delivery.objects.create(
        webhook=row,
        project_id=row.project_id,
        activity_id=delivery.activity_id,
        event_id=delivery.event_id,
        type=delivery.type,
        left_filter=delivery.left_filter,
        redelivery_no=last + 1,
        redelivery_of=delivery,
    )
    nudge(DELIVER)
    return again


def _is_second_test(row: Webhook, delivery: Delivery) -> bool:
    return delivery.type == TEST_TYPE and Delivery.objects.pending().filter(webhook=row, type=TEST_TYPE).exists()


@write
def redeliver_events(
    *,
    actor: User,
    webhook: Webhook,
    since: datetime,
    until: datetime | None = None,
    state: str = "missing",
    expected: Expected = None,
) -> int:
    """Send the events of a span of time from the log, those `missing` a success, those that `failed`, or `all`.

    Return how many. What is under way is left alone. Raises what `lock_webhook` does, ConflictError
    `webhook_disabled`, ValidationError `too_many` at /since, and FilterError.
    """
    _, row = lock_webhook(actor, webhook, expected=expected)
    require_enabled(row)
    events = list(_events(row, since, until, state).order_by("seq")[: MAX_EVENTS + 1])
    if len(events) > MAX_EVENTS:
        raise ValidationError.at(
            "/since", "too_many", f"These are more than {MAX_EVENTS:,} events: name a shorter time."
        )
    chosen = select(row, events)
    for first in range(0, len(chosen), BATCH):
        _insert_again(row, chosen[first : first + BATCH])
    if chosen:
        nudge(DELIVER)
    return len(chosen)


def _events(row: Webhook, since: datetime, until: datetime | None, state: str) -> QuerySet[Activity]:
    """Return the events up to the webhook's cursor; those behind it are delivered anyway."""
    wanted: dict[str, Any] = {"created_at__gte": since, "type__in": types_of(row.events), "seq__lte": row.cursor_seq}
    if until is not None:
        wanted["created_at__lte"] = until
    own = Delivery.objects.filter(webhook=row, event_id=OuterRef("event_id"))
    events = Activity.objects.filter(project=row.project_id, **wanted).exclude(Exists(own.pending()))
    if state == "all":
        return events
    events = events.exclude(Exists(own.filter(state=DeliveryState.SENT)))
    return events.filter(Exists(own.filter(state__in=NOT_DELIVERED))) if state == "failed" else events


def _insert_again(row: Webhook, chosen: list[Selected]) -> None:
    ids = [each.event.event_id for each in chosen]
    former = Delivery.objects.filter(webhook=row, event_id__in=ids).order_by("event_id", F("redelivery_no").asc())
    last = {event_id: (pk, number) for event_id, pk, number in former.values_list("event_id", "pk", "redelivery_no")}
    Delivery.objects.bulk_create(
        each.as_delivery(
            row, redelivery_of_id=last[each.event.event_id][0], redelivery_no=last[each.event.event_id][1] + 1
        )
        if each.event.event_id in last
        else each.as_delivery(row)
        for each in chosen
    )
