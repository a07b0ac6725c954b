"""What an answer makes of a delivery and of its webhook (contract WH5 to WH7)."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from http import HTTPStatus

from django.db.models import F

from apps.common.background import leases
from apps.common.dates.clock import database_now
from apps.common.errors import NotFoundError
from apps.common.sql.statements import bound
from apps.common.transactions import write
from apps.projects.services import lock_project
from apps.webhooks.delivering.claims import QUEUE
from apps.webhooks.delivering.sending import Answer
from apps.webhooks.models import TEST_TYPE, Delivery, DeliveryState, Reason, Webhook
from apps.webhooks.services import disable, lock_row
from apps.webhooks.services.switching import DISABLED

# Seconds from one attempt to the next: ten attempts, over three days
DELAYS = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
MAX_ATTEMPTS = len(DELAYS) + 1
JITTER = 0.2
LONGEST_WAIT = 86_400  # seconds that a receiver may ask for
SHORTEST_WAIT = 5
PATIENCE = timedelta(days=5)


@write
def settle(delivery: Delivery, answer: Answer) -> str:
    """Note the answer to an attempt whose claim is still ours; return what became of the delivery.

    That is a state, `retry` or `lost_lease`. Locks come in their order: project, webhook, delivery.
    """
    now = database_now()
    disabling = _reason_to_disable(delivery, answer, now=now)
    if disabling is not None:
        try:
            lock_project(delivery.project_id)
        except NotFoundError:
            return "lost_lease"
    webhook = lock_row(delivery.webhook_id)
    if webhook is None:
        return "lost_lease"
    outcome = _close(delivery, webhook, answer, now=now, is_ending=disabling is not None)
    if outcome == "lost_lease":
        return outcome
    _note(webhook, delivery, answer, now=now)
    if disabling is not None:
        disable(webhook.pk, disabling)
    return outcome


def _reason_to_disable(delivery: Delivery, answer: Answer, *, now: datetime) -> Reason | None:
    if answer.is_success:
        return None
    if answer.code == HTTPStatus.GONE:
        return Reason.GONE
    since = Webhook.objects.filter(pk=delivery.webhook_id).values_list("failing_since", flat=True).first()
    is_over = since is not None and now - since >= PATIENCE
    return Reason.FAILING if is_over and delivery.type != TEST_TYPE else None


def _note(webhook: Webhook, delivery: Delivery, answer: Answer, *, now: datetime) -> None:
    """Note when it last worked, or since when it fails; a failed test says nothing about events."""
    if answer.is_success:
        Webhook.objects.filter(pk=webhook.pk).update(last_success_at=now, failing_since=None)
    elif webhook.failing_since is None and delivery.type != TEST_TYPE:
        Webhook.objects.filter(pk=webhook.pk).update(failing_since=now)


def _close(delivery: Delivery, webhook: Webhook, answer: Answer, *, now: datetime, is_ending: bool) -> str:
    if answer.is_success:
        return _close_sent(delivery, answer, now=now)
    seen = {"code": answer.code, "took_ms": answer.took_ms, "error": answer.error, "response_body": answer.body}
    state = _final_state(delivery, answer, may_retry=webhook.is_active and not is_ending)
    if state is None:
        wait = timedelta(seconds=delay_after(delivery.attempts, answer))
        waiting = leases.held(QUEUE, delivery).update(lease=None, next_attempt_at=now + wait, **seen)
        return "retry" if waiting else "lost_lease"
    if not seen["error"] and not webhook.is_active:
        seen["error"] = DISABLED
    closed = leases.held(QUEUE, delivery).update(lease=None, state=state, finished_at=now, **seen)
    return state.value if closed else "lost_lease"


def _close_sent(delivery: Delivery, answer: Answer, *, now: datetime) -> str:
    """Close a delivery that was taken, as nearly all are.

    Does not wait for the disk: when PostgreSQL dies and loses this, it is sent once more under the same id, as after
    a death of this process between the answer and here.
    """
    is_closed = leases.close(
        QUEUE,
        delivery,
        "state = %(state)s, finished_at = %(now)s, code = %(code)s, took_ms = %(took_ms)s, error = '',"
        " response_body = %(body)s",
        condition=leases.NOT_WAITING_FOR_THE_DISK,
        state=DeliveryState.SENT.value,
        now=now,
        code=bound(answer.code),
        took_ms=bound(answer.took_ms),
        body=answer.body,
    )
    return DeliveryState.SENT.value if is_closed else "lost_lease"


def _final_state(delivery: Delivery, answer: Answer, *, may_retry: bool) -> DeliveryState | None:
    """Return how a delivery that was not taken ends, None when it is tried again."""
    if answer.is_blocked:
        return DeliveryState.BLOCKED
    if not may_retry or delivery.type == TEST_TYPE or delivery.attempts >= MAX_ATTEMPTS:
        return DeliveryState.FAILED
    return None


def delay_after(attempts: int, answer: Answer) -> float:
    """Return seconds until the next attempt: what the receiver asks for, up to a day, or else the table's ± 20 %."""
    if answer.retry_after is not None:
        return min(max(answer.retry_after, SHORTEST_WAIT), LONGEST_WAIT)
    delay = DELAYS[min(attempts, len(DELAYS)) - 1]
    return delay * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311 - spreads load, hides nothing


def fail(delivery: Delivery, error: str) -> None:
    """Close a delivery that cannot be sent at all."""
    leases.held(QUEUE, delivery).update(
        lease=None, state=DeliveryState.FAILED, error=error, finished_at=database_now(), attempts=F("attempts")
    )
