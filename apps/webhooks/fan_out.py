"""From the event log to deliveries: for each webhook the events behind its cursor, in order (contract WH1)."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from apps.common.background.nudge import nudge
from apps.common.faults import declare, fault_point
from apps.common.sql.statements import bound, prepared
from apps.projects.models import Activity
from apps.tasks.filtering.errors import FilterError
from apps.webhooks.models import DeliveryState, Reason, Webhook
from apps.webhooks.selecting import Selected, select_and_note
from apps.webhooks.services import disable

logger = logging.getLogger(__name__)

declare("webhook.fanned_out", "webhook.cursor_moved")

DELIVER = "webhooks.deliver"
BATCH = 500  # events of one webhook per transaction
# Not 500 instances. A redelivery may have been quicker, and is the same delivery.
INSERT = """
INSERT INTO webhooks_delivery (
    webhook_id, project_id, activity_id, event_id, type, left_filter, redelivery_no, state, error, request_body,
    response_body, created_at, attempts, next_attempt_at
)
SELECT
    %(webhook)s, event.project_id, event.id, event.event_id, event.type, chosen.left_filter, 0, %(state)s::text, '', '',
    '', %(now)s::timestamptz, 0, %(now)s::timestamptz
FROM unnest(%(events)s::bigint[], %(left)s::boolean[]) AS chosen (id, left_filter)
JOIN projects_activity event ON event.id = chosen.id
ORDER BY event.seq
ON CONFLICT DO NOTHING
"""
BUDGET = 30.0  # seconds; then the job ends and asks to be woken again


def fan_out(*, seconds: float = BUDGET) -> bool:
    """Make deliveries of all new events, for `seconds` at most; return whether there may be more."""
    deadline = time.monotonic() + seconds
    behind = Webhook.objects.active().filter(cursor_seq__lt=F("project__last_seq")).order_by("pk")
    for pk in list(behind.values_list("pk", flat=True)):
        while _next_batch(pk):
            if time.monotonic() > deadline:
                return True
        if time.monotonic() > deadline:
            return True
    return False


def _next_batch(pk: int) -> bool:
    """Take the next events of a webhook; return whether it may have more. A broken filter disables it (WH10)."""
    try:
        with transaction.atomic():
            taken = _take(pk)
    except FilterError as error:
        logger.warning("The filter of webhook %s is broken: %s", pk, error.detail)
        disable(pk, Reason.FILTER)
        return False
    if taken:
        fault_point("webhook.cursor_moved")
        nudge(DELIVER)
    return taken == BATCH


def _take(pk: int) -> int:
    """Insert the deliveries of the next events and move the cursor, in the caller's transaction."""
    rows = Webhook.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
    webhook = rows.active().filter(pk=pk).first()
    if webhook is None:
        return 0
    news = Activity.objects.filter(project=webhook.project_id, seq__gt=webhook.cursor_seq)
    events = list(news.order_by("seq").defer("changes")[:BATCH])  # whatever else may be judged, what changed is not
    if not events:
        return 0
    chosen = select_and_note(webhook, events)
    if chosen:
        _insert(webhook, chosen)
    fault_point("webhook.fanned_out")
    Webhook.objects.filter(pk=pk).update(cursor_seq=events[-1].seq)
    return len(events)


def _insert(webhook: Webhook, chosen: Sequence[Selected]) -> None:
    values = {
        "webhook": bound(webhook.pk),
        "events": bound([each.event.pk for each in chosen]),
        "left": bound([each.left_filter for each in chosen]),
        "state": DeliveryState.PENDING.value,
        "now": timezone.now(),
    }
    prepared(INSERT, values)
