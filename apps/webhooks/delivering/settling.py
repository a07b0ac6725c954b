"""What an answer makes of a delivery and of its webhook (contract WH5 to WH7)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from http import HTTPStatus

from django.db.models import F

from apps.common.background import leases
from apps.common.dates.clock import database_now
from apps.common.errors import NotFoundError
from apps.common.sql.conditions import NOT_WAITING_FOR_THE_DISK
from apps.common.sql.statements import bound, prepared
from apps.common.transactions import write
from apps.projects.services import lock_project
from apps.webhooks.delivering.claims import QUEUE
from apps.webhooks.delivering.sending import Answer
from apps.webhooks.models import TEST_TYPE, Delivery, DeliveryState, Reason, Webhook
from apps.webhooks.reasons import DISABLED
from apps.webhooks.services import disable, lock_row

# Seconds from one attempt to the next: ten attempts, over three days
DELAYS = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
MAX_ATTEMPTS = len(DELAYS) + 1
JITTER = 0.2
LONGEST_WAIT = 86_400  # seconds that a receiver may ask for
SHORTEST_WAIT = 5
PATIENCE = timedelta(days=5)
LOST = "lost_lease"  # another worker has it
LOCK = "SELECT id FROM webhooks_webhook WHERE id = ANY(%(ids)s::bigint[]) ORDER BY id FOR NO KEY UPDATE"
WORKED = """
UPDATE webhooks_webhook SET last_success_at = clock_timestamp(), failing_since = NULL
WHERE id = ANY(%(ids)s::bigint[])
"""


@write
def settle_sent(answered: Sequence[tuple[Delivery, Answer]]) -> set[int]:
    """Close deliveries of one lease that were taken, as nearly all are; return the ids of those that were still ours.

    Does not wait for the disk: when PostgreSQL dies and loses this, they are sent once more under the same ids, as
    after a death of this process between the answers and here. Locks come in their order: webhooks, deliveries.
    """
    hooks = bound(sorted({delivery.webhook_id for delivery, _ in answered}))
    there = {pk for (pk,) in prepared(LOCK, {"ids": hooks})[0]}
    answered = [(delivery, answer) for delivery, answer in answered if delivery.webhook_id in there]
    closed = leases.close_all(
        QUEUE,
        [delivery for delivery, _ in answered],
        "state = %(state)s, finished_at = clock_timestamp(), code = given.code, took_ms = given.took_ms, error = '',"
        " response_body = given.body",
        each={
            "code": ("bigint", [answer.code for _, answer in answered]),
            "took_ms": ("bigint", [answer.took_ms for _, answer in answered]),
            "body": ("text", [answer.body for _, answer in answered]),
        },
        condition=NOT_WAITING_FOR_THE_DISK,
        state=DeliveryState.SENT.value,
    )
    worked = {delivery.webhook_id for delivery, _ in answered if delivery.pk in closed}
    prepared(WORKED, {"ids": bound(sorted(worked))})
    return closed


@write
def settle_failed(delivery: Delivery, answer: Answer) -> str:
    """Note that an attempt failed whose claim is still ours; return what became of the delivery.

    That is a state, `retry` or LOST. Locks come in their order: project, webhook, delivery.
    """
    now = database_now()
    disabling = _reason_to_disable(delivery, answer, now=now)
    if disabling is not None:
        try:
            lock_project(delivery.project_id)
        except NotFoundError:
            return LOST
    webhook = lock_row(delivery.webhook_id)
    if webhook is None:
        return LOST
    outcome = _close(delivery, webhook, answer, now=now, is_ending=disabling is not None)
    if outcome == LOST:
        return outcome
    if webhook.failing_since is None and delivery.type != TEST_TYPE:  # a failed test says nothing about events
        Webhook.objects.filter(pk=webhook.pk).update(failing_since=now)
    if disabling is not None:
        disable(webhook.pk, disabling)
    return outcome


def _reason_to_disable(delivery: Delivery, answer: Answer, *, now: datetime) -> Reason | None:
    if answer.code == HTTPStatus.GONE:
        return Reason.GONE
    since = Webhook.objects.filter(pk=delivery.webhook_id).values_list("failing_since", flat=True).first()
    is_over = since is not None and now - since >= PATIENCE
    return Reason.FAILING if is_over and delivery.type != TEST_TYPE else None


def _close(delivery: Delivery, webhook: Webhook, answer: Answer, *, now: datetime, is_ending: bool) -> str:
    seen = {"code": answer.code, "took_ms": answer.took_ms, "error": answer.error, "response_body": answer.body}
    state = _final_state(delivery, answer, may_retry=webhook.is_active and not is_ending)
    if state is None:
        wait = timedelta(seconds=delay_after(delivery.attempts, answer))
        waiting = leases.held(QUEUE, delivery).update(lease=None, next_attempt_at=now + wait, **seen)
        return "retry" if waiting else LOST
    if not seen["error"] and not webhook.is_active:
        seen["error"] = DISABLED
    closed = leases.held(QUEUE, delivery).update(lease=None, state=state, finished_at=now, **seen)
    return state.value if closed else LOST


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
