"""Which deliveries are claimed, under leases as other work is: a fair share for each webhook (contract WH6)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping

from apps.common.background import leases
from apps.common.sql.statements import bound, prepared
from apps.webhooks.models import Delivery

AT_ONCE = 5  # deliveries of one webhook
PROBES = 1  # of one that fails: a receiver that hangs takes no more than one place

QUEUE = leases.Queue(
    Delivery, open="state = 'pending'", paused="EXISTS (SELECT FROM notifications_hold WHERE 'webhooks' = ANY(covers))"
)
# Of a project in the trash its deletion alone is delivered (WH11)
FAIR = """
SELECT due.id FROM webhooks_webhook AS webhook
JOIN projects_project AS project ON project.id = webhook.project_id
CROSS JOIN LATERAL (
    SELECT delivery.id, delivery.next_attempt_at FROM webhooks_delivery AS delivery
    WHERE delivery.webhook_id = webhook.id AND delivery.state = 'pending'
        AND delivery.next_attempt_at <= statement_timestamp()
        AND (project.trash_id IS NULL OR delivery.type = 'project.deleted')
    ORDER BY delivery.next_attempt_at, delivery.id
    LIMIT GREATEST(0, CASE WHEN webhook.failing_since IS NULL THEN %(at_once)s::bigint ELSE %(probes)s::bigint END
        - COALESCE((%(busy)s::jsonb ->> webhook.id::text)::int, 0))
) AS due
WHERE NOT EXISTS (SELECT FROM notifications_hold WHERE 'webhooks' = ANY(covers))
ORDER BY due.next_attempt_at, due.id
LIMIT %(limit)s
"""


def claim(lease: uuid.UUID, *, limit: int, busy: Mapping[int, int], probes: int = PROBES) -> list[Delivery]:
    """Claim up to `limit` due deliveries.

    `busy` says how many of each webhook are under way here, `probes` how many may be of one that fails.
    """
    ids = due_ids(limit=limit, busy=busy, probes=probes)
    return leases.claim(QUEUE, lease, limit=limit, among=ids) if ids else []


def due_ids(*, limit: int, busy: Mapping[int, int], probes: int = PROBES) -> list[int]:
    """Return the ids of up to `limit` deliveries that may begin now."""
    values = {
        "at_once": bound(AT_ONCE), "probes": bound(probes), "busy": json.dumps(busy), "limit": bound(limit)
    }  # fmt: skip
    return [pk for (pk,) in prepared(FAIR, values)[0]]
