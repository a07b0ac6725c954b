"""The outbox: one row per person and notification, in the app and by mail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now
from django.utils import timezone

from apps.common.models import Leased

# People by id, each as the API shows a person
People = Mapping[int, Mapping[str, Any]]

NOT_READ: Any = object()


class MailState(models.TextChoices):
    """What has become of a row's mail."""

    NONE = "none", "No mail wanted"
    PENDING = "pending", "Waiting"
    SENDING = "sending", "Claimed by a worker"
    SENT = "sent", "Accepted by the mail server"
    SUPPRESSED = "suppressed", "No longer true or not allowed"
    FAILED = "failed", "Given up"


OPEN_STATES = (MailState.PENDING, MailState.SENDING)


class NotificationQuerySet(models.QuerySet["Notification"]):
    """Vocabulary of the ledger."""

    def of(self, user: object) -> Self:
        """Return what `user` finds in the app."""
        return self.filter(recipient=user, in_app=True)

    def unread(self) -> Self:
        """Return what has not been read."""
        return self.filter(read_at=None)

    def due(self, *, now: datetime) -> Self:
        """Return the mails that may be claimed: waiting, or claimed by a worker whose lease ran out."""
        return self.filter(mail_state__in=OPEN_STATES, next_attempt_at__lte=now)


class Notification(Leased):
    """One notification of one person.

    Holds ids and old and new values, never rendered text: the words are made at sending or reading
    time, after asking whether it is still true and still allowed. Plain ids, since what a row is
    about may go away.
    """

    # Nobody for a mail to an `address` that may have no account
    recipient: models.ForeignKey[Any, Any] = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False, related_name="notifications", null=True
    )
    address = models.CharField(max_length=254, blank=True, default="", db_default="")
    kind = models.CharField(max_length=40)
    dedupe_key = models.CharField(max_length=200)
    actor_id = models.BigIntegerField(null=True)
    project_id = models.BigIntegerField(null=True)
    task_id = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)
    request_id = models.CharField(max_length=128, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    in_app = models.BooleanField(default=True, help_text="Shown in the app.")
    read_at = models.DateTimeField(null=True, blank=True)

    mail_state = models.CharField(max_length=12, choices=MailState.choices, default=MailState.NONE)
    reason = models.CharField(max_length=200, blank=True, help_text="Why it was suppressed or failed.")
    queued_at = models.DateTimeField(default=timezone.now, help_text="When the mail was asked for, last.")
    data_started_at = models.DateTimeField(null=True, help_text="When the content began to go out.")
    uncertain_count = models.PositiveIntegerField(default=0, help_text="Attempts that may have arrived unnoticed.")
    sent_at = models.DateTimeField(null=True)

    people: People  # who is named in its words; there when they are loaded
    subject: Any = NOT_READ  # what it is about, see `scopes.register_subject`; lists in the app read it

    objects = NotificationQuerySet.as_manager()

    class Meta:
        constraints = [
            # By bytes: the scan for reminders asks for the start of a key, in whatever collation
            models.UniqueConstraint(fields=["dedupe_key"], opclasses=["varchar_pattern_ops"], name="notification_once"),
            models.CheckConstraint(
                condition=models.Q(mail_state__in=MailState.values), name="notification_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(recipient__isnull=True) ^ models.Q(address=""), name="notification_to_one"
            ),
        ]
        indexes = [
            # The claim: only the open rows
            models.Index(
                fields=["next_attempt_at", "id"],
                condition=models.Q(mail_state__in=OPEN_STATES),
                name="notification_open",
            ),
            # The list in the app, newest first
            models.Index(
                fields=["recipient", "created_at", "id"], condition=models.Q(in_app=True), name="notification_in_app"
            ),
            # Unread: the list and its count
            models.Index(
                fields=["recipient", "created_at", "id"],
                condition=models.Q(in_app=True, read_at=None),
                name="notification_unread",
            ),
            # The purge; closed rows only, so that no list is read along it past everybody else's rows
            models.Index(
                fields=["created_at"], condition=~models.Q(mail_state__in=OPEN_STATES), name="notification_by_age"
            ),
            models.Index(
                fields=["mail_state"],
                condition=models.Q(mail_state="failed") | models.Q(uncertain_count__gt=0),
                name="notification_troubled",
            ),  # doctor, admin
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.recipient_id}"

    @property
    def reader_id(self) -> int:
        """Return the recipient's id, 0 for a mail to an address."""
        return self.recipient_id or 0


HELD = ("mail", "webhooks", "relay")  # what a restored copy must not send before somebody has looked at it


def all_held() -> list[str]:
    """Return everything that a hold covers."""
    return list(HELD)


class Hold(models.Model):
    """While a row is here nothing of what it covers goes out; `scripts/restore` enters one, `release_mail` ends it."""

    covers = ArrayField(models.CharField(max_length=10), default=all_held, db_default=list(HELD))
    reason = models.CharField(max_length=500)
    created_at = models.DateTimeField(db_default=Now())

    def __str__(self) -> str:
        return self.reason
