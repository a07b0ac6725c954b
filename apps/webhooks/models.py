"""Webhooks of projects, what is delivered to them, and which tasks match their filters."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.common.models import Leased, TimestampedModel
from apps.projects.models import Activity, Project
from apps.tasks.models import Task

URL_LENGTH = 2_000
DESCRIPTION_LENGTH = 200
TEST_TYPE = "webhook.test"


class Payload(models.TextChoices):
    """How much a delivery says."""

    FULL = "full", "The event with its object"
    THIN = "thin", "The event alone, without people and values"


class State(models.TextChoices):
    """Whether events are delivered."""

    ACTIVE = "active", _("Active")
    DISABLED = "disabled", _("Disabled")


class Reason(models.TextChoices):
    """Why a webhook is disabled."""

    GONE = "gone", _("The receiver answered 410")
    FAILING = "failing", _("No delivery succeeded for five days")
    MANUAL = "manual", _("Somebody disabled it")
    FILTER = "filter", _("Its filter names something that is gone")


class DeliveryState(models.TextChoices):
    """How far a delivery is."""

    PENDING = "pending", _("Pending")
    SENT = "sent", _("Sent")
    FAILED = "failed", _("Failed")
    BLOCKED = "blocked", _("Blocked: the address is not allowed")


class WebhookQuerySet(models.QuerySet["Webhook"]):
    """Vocabulary of webhooks."""

    def visible_to(self, user: Any) -> Self:
        """Return the webhooks of visible projects, each with the user's `role`; admins alone are shown them."""
        mine = Project.objects.visible_to(user).values("pk")
        return self.filter(project__in=mine, project__memberships__user=user).annotate(
            role=models.F("project__memberships__role")
        )

    def active(self) -> Self:
        """Return those that events are delivered to."""
        return self.filter(state=State.ACTIVE)


class Webhook(TimestampedModel):
    """A receiver of a project's events. `cursor_seq` is the last event that deliveries were made of."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="webhooks"
    )
    url = models.CharField(max_length=URL_LENGTH)
    events = ArrayField(models.CharField(max_length=40))
    filter = models.TextField(blank=True)
    ast = models.JSONField(null=True)
    payload = models.CharField(max_length=4, choices=Payload.choices, default=Payload.FULL)
    description = models.CharField(max_length=DESCRIPTION_LENGTH, blank=True)
    secret_encrypted = models.TextField(editable=False)
    old_secret_encrypted = models.TextField(null=True, editable=False)  # noqa: DJ001 - null is none
    old_until = models.DateTimeField(null=True, editable=False)
    state = models.CharField(max_length=8, choices=State.choices, default=State.ACTIVE)
    disabled_reason = models.CharField(max_length=7, choices=Reason.choices, null=True)  # noqa: DJ001 - null is none
    failing_since = models.DateTimeField(null=True, help_text="The first failure since the last success.")
    last_success_at = models.DateTimeField(null=True)
    cursor_seq = models.PositiveBigIntegerField(editable=False)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    version = models.PositiveBigIntegerField(default=1, editable=False)

    objects = WebhookQuerySet.as_manager()

    role: str  # the caller's, from `visible_to`
    shown_filter: str | None = None  # with present names
    fault: Any = None  # what is wrong with the filter
    # Set by services on the row they return, shown once
    secret: str | None = None
    missed: int | None = None

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(payload__in=Payload.values), name="webhook_payload_known"),
            models.CheckConstraint(
                condition=models.Q(state=State.ACTIVE, disabled_reason=None)
                | models.Q(state=State.DISABLED, disabled_reason__in=Reason.values),
                name="webhook_disabled_for_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["project", "created_at", "id"], name="webhook_by_project"),
        ]

    def __str__(self) -> str:
        return self.description or f"Webhook {self.pk}"

    @property
    def is_active(self) -> bool:
        """Return whether events are delivered to it."""
        return self.state == State.ACTIVE


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """Vocabulary of deliveries."""

    def pending(self) -> Self:
        """Return those that are still to be sent."""
        return self.filter(state=DeliveryState.PENDING)

    def due(self, *, now: datetime) -> Self:
        """Return those that may be tried."""
        return self.pending().filter(next_attempt_at__lte=now)


class Delivery(Leased):
    """One event on its way to one webhook. A redelivery is a row of its own with the same `event_id`."""

    webhook = models.ForeignKey(
        Webhook, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="deliveries"
    )
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )
    activity = models.ForeignKey(
        Activity, on_delete=models.SET_NULL, db_constraint=False, db_index=False, null=True, related_name="+"
    )
    event_id = models.UUIDField()
    type = models.CharField(max_length=40)
    left_filter = models.BooleanField(default=False)
    redelivery_no = models.PositiveIntegerField(default=0)
    redelivery_of = models.ForeignKey("self", on_delete=models.SET_NULL, db_index=False, null=True, related_name="+")
    state = models.CharField(max_length=7, choices=DeliveryState.choices, default=DeliveryState.PENDING)
    attempted_at = models.DateTimeField(null=True)
    code = models.PositiveIntegerField(null=True, help_text="The status of the last answer.")
    took_ms = models.PositiveIntegerField(null=True)
    error = models.CharField(max_length=300, blank=True)
    request_body = models.TextField(blank=True, help_text="That of the last attempt.")
    response_body = models.TextField(blank=True, help_text="The beginning of the last answer.")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["webhook", "event_id", "redelivery_no"], name="delivery_once_per_event"),
            models.UniqueConstraint(
                fields=["webhook"], condition=models.Q(type=TEST_TYPE, state="pending"), name="delivery_one_open_test"
            ),
            models.CheckConstraint(condition=models.Q(state__in=DeliveryState.values), name="delivery_state_known"),
        ]
        indexes = [
            models.Index(fields=["webhook", "created_at", "id"], name="delivery_by_webhook"),  # the list
            models.Index(
                fields=["next_attempt_at"], condition=models.Q(state="pending"), name="delivery_pending"
            ),  # leases of workers that are gone
            models.Index(
                fields=["webhook", "next_attempt_at", "id"],
                condition=models.Q(state="pending"),
                name="delivery_pending_of_webhook",
            ),  # what is due, fairly
            models.Index(fields=["created_at"], name="delivery_by_age"),  # the purge
            models.Index(fields=["activity"], name="delivery_by_activity"),  # blanking
            models.Index(fields=["project"], name="delivery_by_project"),  # erasing
            models.Index(
                fields=["redelivery_of"],
                condition=models.Q(redelivery_of__isnull=False),
                name="delivery_by_original",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.event_id}"


class WebhookMatch(models.Model):
    """A task that matched the filter of a webhook when its last event was looked at (contract WH10)."""

    pk = models.CompositePrimaryKey("webhook_id", "task_id")
    webhook = models.ForeignKey(
        Webhook, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="matches"
    )
    task = models.ForeignKey(Task, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="+")

    class Meta:
        verbose_name_plural = "webhook matches"
        indexes = [models.Index(fields=["task"], name="webhook_match_by_task")]

    def __str__(self) -> str:
        return f"Task {self.task_id} of webhook {self.webhook_id}"
