"""One attempt: the body is made and kept under the delivery's lease, then signed and sent."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from apps.common.background import leases
from apps.common.faults import declare, fault_point
from apps.webhooks.bodies import make_body
from apps.webhooks.bodies.making import ExpiredError
from apps.webhooks.delivering.claims import QUEUE
from apps.webhooks.delivering.sending import Answer, send
from apps.webhooks.delivering.settling import MAX_ATTEMPTS, fail
from apps.webhooks.models import Delivery, Webhook
from apps.webhooks.signing import signed_headers

declare("webhook.claimed", "webhook.fenced", "webhook.answered", "webhook.settled")


@dataclass(frozen=True)
class Request:
    """What is sent for a delivery; the thread that sends it needs no database."""

    delivery: Delivery
    url: str
    headers: dict[str, str]
    body: bytes

    def send(self) -> Answer:
        """Send it and return the answer."""
        answer = send(self.url, self.headers, self.body)
        fault_point("webhook.answered")
        return answer


def prepare(delivery: Delivery) -> Request | None:
    """Return the request of a claimed delivery; None for one that has ended, or is no longer ours.

    Raises UnreadableError when no key reads the webhook's secret.
    """
    fault_point("webhook.claimed")
    if delivery.attempts > MAX_ATTEMPTS:
        fail(delivery, "The worker ended during the last attempt.")
        return None
    try:
        fenced = _fenced(delivery)
        if fenced is None:
            return None
        webhook, body = fenced
        headers = signed_headers(webhook, delivery.event_id, body)
    except ExpiredError as error:
        fail(delivery, str(error))
        return None
    fault_point("webhook.fenced")
    return Request(delivery, webhook.url, headers, body.encode())


@transaction.atomic
def _fenced(delivery: Delivery) -> tuple[Webhook, str] | None:
    """Renew the lease, make the body and keep it for the log; None when the lease is no longer ours.

    The row is locked before the body is made. Whoever erases a text blanks the row afterwards in their own
    transaction, so either the body is made without the text, or it is blanked. The disk is not waited for: when
    PostgreSQL dies and loses this, the delivery is sent once more under the same id, as after any other accident.
    """
    if not leases.renew(QUEUE, delivery, condition=leases.NOT_WAITING_FOR_THE_DISK):
        return None
    webhook = Webhook.objects.select_related("project").filter(pk=delivery.webhook_id).first()
    if webhook is None:
        return None
    body = make_body(delivery, webhook)
    Delivery.objects.filter(pk=delivery.pk).update(request_body=body, attempted_at=timezone.now())
    return webhook, body
