"""Base models and the few tables that belong to no domain."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone


class TimestampedModel(models.Model):
    """Adds `created_at` and `updated_at` (UTC). Writers list `updated_at` in `update_fields`."""

    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        abstract = True


class Leased(models.Model):
    """Adds what a row of work needs to be claimed, see `apps.common.background.leases`."""

    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(default=timezone.now, help_text="Also the end of a running lease.")
    lease = models.UUIDField(null=True, help_text="Whose claim it is.")

    class Meta:
        abstract = True


class IdempotencyRecordQuerySet(models.QuerySet["IdempotencyRecord"]):
    """Vocabulary of kept answers."""

    def expired(self, *, now: datetime) -> Self:
        """Return those past IDEMPOTENCY_LIFETIME, whose key may be used anew."""
        return self.filter(created_at__lt=_oldest_kept(now))


class IdempotencyRecord(models.Model):
    """A kept answer: written in the transaction of the work, replayed for 24 h."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    method = models.CharField(max_length=10)
    path = models.CharField(max_length=500)
    key = models.CharField(max_length=255)
    fingerprint = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField()
    body = models.TextField()
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField(default=timezone.now)

    objects = IdempotencyRecordQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "method", "path", "key"], name="idempotency_key_once_per_scope")
        ]
        indexes = [models.Index(fields=["created_at"], name="idempotency_by_age")]  # the purge

    def __str__(self) -> str:
        return f"{self.method} {self.path} {self.key}"

    def is_expired(self, *, now: datetime) -> bool:
        """Return whether the answer is no longer replayed."""
        return self.created_at < _oldest_kept(now)


def _oldest_kept(now: datetime) -> datetime:
    return now - settings.IDEMPOTENCY_LIFETIME


class Heartbeat(models.Model):
    """When a periodic job last ran: `name` is the job's name."""

    name = models.CharField(max_length=100, primary_key=True)
    beat_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.beat_at:%Y-%m-%d %H:%M:%S}"


class Installation(models.Model):
    """The one row that tells a database from its restored copies, see `apps.common.installation`."""

    id = models.BigIntegerField(primary_key=True, default=1)
    epoch = models.UUIDField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="installation_is_one_row")]

    def __str__(self) -> str:
        return str(self.epoch)
