"""The deliveries of 500 events for each of 10 webhooks, beside one INSERT for each webhook, in turns."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from django.db import connection, transaction

from apps.projects.models import Project
from apps.webhooks.fan_out import fan_out
from apps.webhooks.models import Delivery, Webhook

EVENTS, WEBHOOKS = 500, 10
TARGET = 0.3  # of the floor's speed

FLOOR = """
WITH news AS (
    SELECT id, event_id, type, seq, project_id FROM projects_activity
    WHERE project_id = %(project)s AND seq > %(cursor)s ORDER BY seq LIMIT 500
), made AS (
    INSERT INTO webhooks_delivery (webhook_id, project_id, activity_id, event_id, type, left_filter, redelivery_no,
        state, error, request_body, response_body, created_at, attempts, next_attempt_at)
    SELECT %(webhook)s, project_id, id, event_id, type, false, 0, 'pending', '', '', '', now(), 0, now() FROM news
    ON CONFLICT DO NOTHING
)
UPDATE webhooks_webhook SET cursor_seq = (SELECT max(seq) FROM news) WHERE id = %(webhook)s
"""


def compare(project_id: int, *, rounds: int) -> dict[str, float]:
    """Return the milliseconds of both for all webhooks, and the ratio of their speeds, as medians over the rounds.

    The webhooks are made for it, and deleted. RuntimeError when one of the two made other deliveries than it should.
    """
    project = Project.objects.get(pk=project_id)
    cursor = project.last_seq - EVENTS
    Webhook.objects.bulk_create(
        Webhook(
            project=project,
            url=f"https://receiver.example/{number}",
            events=["*"],
            secret_encrypted="",
            created_by_id=project.owner_id,
            cursor_seq=cursor,
        )
        for number in range(WEBHOOKS)
    )
    ids = list(Webhook.objects.filter(project=project).values_list("pk", flat=True))
    ours, floor = [], []
    for _ in range(rounds):
        ours.append(_timed(fan_out, cursor))
        floor.append(_timed(lambda: _floor(ids, project_id, cursor), cursor))
    Webhook.objects.filter(pk__in=ids).delete()
    return {
        "ours_ms": round(1000 * statistics.median(ours), 1),
        "floor_ms": round(1000 * statistics.median(floor), 1),
        "ratio": round(statistics.median(b / a for a, b in zip(ours, floor, strict=True)), 2),
        "target": TARGET,
    }


def _floor(ids: list[int], project_id: int, cursor: int) -> None:
    for pk in ids:
        with transaction.atomic(), connection.cursor() as statement:
            statement.execute(FLOOR, {"project": project_id, "cursor": cursor, "webhook": pk})


def _timed(work: Callable[[], object], cursor: int) -> float:
    """Run `work` with all events before it, and return the seconds."""
    began = time.perf_counter()
    work()
    seconds = time.perf_counter() - began
    made = Delivery.objects.all().delete()[0]
    Webhook.objects.update(cursor_seq=cursor)
    if made != EVENTS * WEBHOOKS:
        raise RuntimeError(f"{made} deliveries were made")
    return seconds
