"""Celery entry points of what belongs to no domain."""

from __future__ import annotations

from celery import shared_task

from apps.common.background.purging import purge
from apps.common.dates.clock import database_now
from apps.common.models import IdempotencyRecord
from apps.common.monitoring.heartbeat import beat


@shared_task(name="common.purge_idempotency_keys")
def purge_idempotency_keys() -> None:
    """Delete answers kept for Idempotency-Key past their lifetime."""
    beat("common.purge_idempotency_keys")
    purge(IdempotencyRecord.objects.expired(now=database_now()).order_by("created_at"))
