"""Attempts: bodies are made and kept under the leases of their deliveries, then signed and sent."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from apps.common.background import leases
from apps.common.faults import declare, fault_point
from apps.common.field_keys import UnreadableError
from apps.common.lists.kept import find_rows
from apps.common.sql.conditions import NOT_WAITING_FOR_THE_DISK
from apps.common.sql.statements import AnyOf, bound, prepared
from apps.webhooks.bodies import make_bodies
from apps.webhooks.delivering.claims import QUEUE
from apps.webhooks.delivering.connections import Connections
from apps.webhooks.delivering.sending import Answer, send
from apps.webhooks.delivering.settling import MAX_ATTEMPTS, fail
from apps.webhooks.models import Delivery, Webhook
from apps.webhooks.reasons import EVENT_GONE, SECRET_UNREADABLE, WORKER_ENDED
from apps.webhooks.signing import secrets_of, signed_headers

logger = logging.getLogger(__name__)

declare("webhook.claimed", "webhook.fenced", "webhook.answered", "webhook.settled")

KEEP = """
UPDATE webhooks_delivery AS delivery SET request_body = made.body, attempted_at = %(now)s::timestamptz
FROM unnest(%(ids)s::bigint[], %(bodies)s::text[]) AS made (id, body) WHERE delivery.id = made.id
"""


@dataclass(frozen=True)
class Request:
    """What is sent for a delivery; the thread that sends it needs no database."""

    delivery: Delivery
    url: str
    headers: dict[str, str]
    body: bytes

    def send(self, connections: Connections) -> Answer:
        """Send it and return the answer."""
        answer = send(self.url, self.headers, self.body, connections=connections)
        fault_point("webhook.answered")
        return answer


@dataclass
class Prepared:
    """What became of claimed deliveries: `requests` to send, and those that could not be made with their answers."""

    requests: list[Request] = field(default_factory=list)
    failed: list[tuple[Delivery, Answer]] = field(default_factory=list)


def prepare(deliveries: Sequence[Delivery]) -> Prepared:
    """Return the requests of deliveries of one claim; without those that have ended, or are no longer ours."""
    if deliveries:
        fault_point("webhook.claimed")
    prepared = Prepared()
    _prepare(deliveries, prepared)
    if prepared.requests:
        fault_point("webhook.fenced")
    return prepared


def _prepare(deliveries: Sequence[Delivery], prepared: Prepared) -> None:
    given_up = [delivery for delivery in deliveries if delivery.attempts > MAX_ATTEMPTS]
    for delivery in given_up:
        fail(delivery, WORKER_ENDED)
    tried = [delivery for delivery in deliveries if delivery.attempts <= MAX_ATTEMPTS]
    try:
        fenced = _fenced(tried) if tried else {}
    except Exception:
        if len(tried) == 1:
            logger.exception("Delivery %s cannot be made, attempt %s", tried[0].pk, tried[0].attempts)
            prepared.failed.append((tried[0], Answer(error="The body could not be made.")))
            return
        for delivery in tried:  # one of them spoils it for all: each for itself
            _prepare([delivery], prepared)
        return
    _sign(tried, fenced, prepared)


def _sign(deliveries: Sequence[Delivery], fenced: Mapping[int, tuple[Webhook, str | None]], prepared: Prepared) -> None:
    secrets = _Secrets(timezone.now())
    for delivery in deliveries:
        if delivery.pk not in fenced:
            continue
        webhook, body = fenced[delivery.pk]
        if body is None:
            fail(delivery, EVENT_GONE)
            continue
        try:
            headers = signed_headers(secrets.of(webhook), delivery.event_id, body)
        except UnreadableError:
            logger.error("The secret of webhook %s cannot be read, see `doctor`", webhook.pk)
            prepared.failed.append((delivery, Answer(error=SECRET_UNREADABLE)))
            continue
        prepared.requests.append(Request(delivery, webhook.url, headers, body.encode()))


class _Secrets:
    """The secrets of the webhooks of one batch, each decrypted once."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._known: dict[int, list[str]] = {}

    def of(self, webhook: Webhook) -> list[str]:
        """Return the secrets that sign now. Raises UnreadableError."""
        if webhook.pk not in self._known:
            self._known[webhook.pk] = secrets_of(webhook, now=self._now)
        return self._known[webhook.pk]


@transaction.atomic
def _fenced(deliveries: Sequence[Delivery]) -> dict[int, tuple[Webhook, str | None]]:
    """Renew the leases, make the bodies and keep them for the log: {delivery id: (webhook, body)} of those still ours.

    The body is None where the event is gone. The rows are locked before the bodies are made. Whoever erases a text
    blanks the row afterwards in their own transaction, so either the body is made without the text, or it is blanked.
    The disk is not waited for: when PostgreSQL dies and loses this, the delivery is sent once more under the same id,
    as after any other accident.
    """
    ours = leases.renew_all(QUEUE, deliveries, condition=NOT_WAITING_FOR_THE_DISK)
    webhooks = _webhooks(delivery.webhook_id for delivery in deliveries if delivery.pk in ours)
    kept = [delivery for delivery in deliveries if delivery.pk in ours and delivery.webhook_id in webhooks]
    bodies = make_bodies(kept, webhooks)
    values = {"ids": bound(list(bodies)), "bodies": bound(list(bodies.values())), "now": timezone.now()}
    prepared(KEEP, values)
    return {delivery.pk: (webhooks[delivery.webhook_id], bodies.get(delivery.pk)) for delivery in kept}


def _webhooks(ids: Iterable[int]) -> dict[int, Webhook]:
    """Return {id: webhook} with their projects, of those that are still there."""
    rows = find_rows(("webhook", "webhooks"), _with_projects, {"ids": sorted(set(ids))})
    return {webhook.pk: webhook for webhook in rows}


def _with_projects() -> QuerySet[Webhook]:
    return Webhook.objects.select_related("project").filter(AnyOf("pk", "ids"))
