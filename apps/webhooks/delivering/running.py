"""The loop that keeps deliveries going: it claims and settles, a pool of threads waits for the receivers."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from uuid import UUID

from django.db import connection

from apps.common.background import leases
from apps.common.faults import fault_point
from apps.common.monitoring.metrics import webhook_attempts_total
from apps.webhooks.delivering.attempts import prepare
from apps.webhooks.delivering.claims import AT_ONCE, PROBES, QUEUE, claim, due_ids
from apps.webhooks.delivering.connections import Connections
from apps.webhooks.delivering.sending import WHOLE_SECONDS, Answer
from apps.webhooks.delivering.settling import LOST, settle_failed, settle_sent
from apps.webhooks.fan_out import fan_out
from apps.webhooks.models import Delivery, DeliveryState

logger = logging.getLogger(__name__)

PLACES = 40  # requests under way at once
BUDGET = 20.0  # seconds in which new ones begin; then those under way are waited for
GATHER = 0.01  # seconds in which others may come to an end with the first
POLL = 0.25  # seconds between two looks for what has become due meanwhile
DELIVERER = 0x77656268  # the advisory lock of the one process that delivers


def deliver(*, seconds: float = BUDGET) -> bool:
    """Deliver what is due, for `seconds` at most; return whether there may be more.

    One process delivers at a time, so that the limit for each webhook holds; it keeps up to PLACES requests going. A
    call beside it returns at once: the other one looks for new rows until it ends.
    """
    with _only_one() as is_this:
        if not is_this:
            return False
        leases.recover(QUEUE)
        with leases.held_lease() as lease, Connections() as kept, ThreadPoolExecutor(PLACES) as pool:
            is_over = _Run(pool, lease, kept).until(time.monotonic() + seconds)
    return is_over or bool(due_ids(limit=1, busy={}))


class _Run:
    """What is under way in one call."""

    def __init__(self, pool: ThreadPoolExecutor, lease: UUID, connections: Connections) -> None:
        self.pool, self.lease, self.connections = pool, lease, connections
        self.running: dict[Future[Answer], Delivery] = {}
        self.fanned_out_at = -POLL

    def until(self, deadline: float) -> bool:
        """Begin what is due until nothing is under way or the time is over; return whether it was over."""
        while time.monotonic() < deadline:
            self._fan_out()
            begun = self._begin()
            if not self.running and not begun:
                return False
            self._settle(timeout=POLL)
        while self.running:  # receivers that hang: the others do not wait for them
            if time.monotonic() < deadline + WHOLE_SECONDS:
                self._fan_out()
                self._begin(is_ending=True)
            self._settle(timeout=POLL)
        return True

    def _fan_out(self) -> None:
        """Look now and then for new events: a worker with one process has nobody else who would."""
        if not self.running or time.monotonic() - self.fanned_out_at >= POLL:
            fan_out(seconds=POLL)
            self.fanned_out_at = time.monotonic()

    def _begin(self, *, is_ending: bool = False) -> int:
        """Begin what is due; `is_ending` leaves alone whom this waits for, and who fails. Return how many were due."""
        busy = Counter(delivery.webhook_id for delivery in self.running.values())
        if is_ending:
            busy = Counter(dict.fromkeys(busy, AT_ONCE))
        probes = 0 if is_ending else PROBES
        claimed = claim(self.lease, limit=PLACES - len(self.running), busy=busy, probes=probes)
        prepared = prepare(claimed)
        settle(prepared.failed)
        for request in prepared.requests:
            self.running[self.pool.submit(request.send, self.connections)] = request.delivery
        return len(claimed)

    def _settle(self, *, timeout: float) -> None:
        if wait(self.running, timeout=timeout, return_when=FIRST_COMPLETED).done:
            wait(self.running, timeout=GATHER)  # what is settled together costs little more than one alone
        done = [future for future in self.running if future.done()]
        settle([(self.running.pop(future), _answer_of(future)) for future in done])


def _answer_of(future: Future[Answer]) -> Answer:
    """Return what a request came to: a fault of ours in one must not end the others."""
    try:
        return future.result()
    except Exception:
        logger.exception("A request of a webhook broke off")
        return Answer(error="The request could not be made.")


def settle(answered: Sequence[tuple[Delivery, Answer]]) -> None:
    """Note answers, count them and log them; never a URL or a body."""
    taken = [(delivery, answer) for delivery, answer in answered if answer.is_success]
    sent = settle_sent(taken) if taken else set()
    for delivery, answer in answered:
        if answer.is_success:
            outcome = DeliveryState.SENT.value if delivery.pk in sent else LOST
        else:
            outcome = settle_failed(delivery, answer)
        fault_point("webhook.settled")
        webhook_attempts_total.labels(outcome).inc()
        logger.info(
            "Delivery %s to webhook %s, attempt %d: %s (%s, %d ms)",
            delivery.pk, delivery.webhook_id, delivery.attempts, outcome, answer.code or answer.error, answer.took_ms,
        )  # fmt: skip


@contextmanager
def _only_one() -> Iterator[bool]:
    """Hold the right to deliver for the time of a block; yields False while another session holds it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [DELIVERER])
        row = cursor.fetchone()
    if not row or not row[0]:
        yield False
        return
    try:
        yield True
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [DELIVERER])
