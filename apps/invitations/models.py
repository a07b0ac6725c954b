"""Invitations: who was asked to join a project, as what, and what became of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils import timezone

from apps.common.text.mail_addresses import MAX_LENGTH, AddressField
from apps.common.text.normal_form import NormalForm
from apps.projects.models import Project
from apps.projects.roles import GRANTABLE_CHOICES, Role

DIGEST_BYTES = 32  # SHA-256


class State(models.TextChoices):
    """What has become of an invitation. `expired` may be late: what counts is `expires_at`, see `state_at`."""

    PENDING = "pending", "Pending"
    ACCEPTED = "accepted", "Accepted"
    DECLINED = "declined", "Declined"
    REVOKED = "revoked", "Revoked"
    EXPIRED = "expired", "Expired"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Vocabulary of invitations."""

    def pending(self, *, now: datetime) -> Self:
        """Return those that can still be accepted, as far as their own rows say."""
        return self.filter(state=State.PENDING, expires_at__gt=now)

    def with_state(self, *, now: datetime) -> Self:
        """Add `shown_state`: as stored, or `expired` for a pending one that has expired."""
        over = models.When(state=State.PENDING, expires_at__lte=now, then=models.Value(State.EXPIRED.value))
        return self.annotate(shown_state=models.Case(over, default=models.F("state"), output_field=models.CharField()))

    def with_secret(self, digest: bytes) -> Self:
        """Return the one that has, or had, a secret with this digest."""
        present = models.Q(mail_digest=digest) | models.Q(link_digest=digest)
        return self.filter(present | models.Q(former_digests__contains=[digest]))


class Invitation(models.Model):
    """An invitation of an address. Of both secrets only digests are stored (IN3).

    `seed` is what the mail's secret is made of, together with the installation's key: worth nothing without it.
    """

    project = models.ForeignKey(  # the database has the constraint, with ON DELETE CASCADE
        Project, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="invitations"
    )
    email = AddressField(max_length=MAX_LENGTH)
    role = models.CharField(max_length=10, choices=GRANTABLE_CHOICES, default=Role.MEMBER)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    seed = models.UUIDField(editable=False)
    mail_digest = models.BinaryField(max_length=DIGEST_BYTES, unique=True)
    link_digest = models.BinaryField(max_length=DIGEST_BYTES, unique=True)
    former_digests = ArrayField(models.BinaryField(max_length=DIGEST_BYTES), default=list, editable=False)
    mail_ids = ArrayField(
        models.BigIntegerField(),
        default=list,
        editable=False,
        help_text="Its rows of the outbox, the newest last.",
    )
    resent_at = ArrayField(models.DateTimeField(), default=list, editable=False)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    accepted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()

    shown_state: str  # with `with_state`
    mail: Any  # the row of the outbox, where it was loaded

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                "project",
                NormalForm("email"),
                condition=models.Q(state="pending"),
                name="invitation_pending_once",
            ),
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="invitation_state_known"),
            models.CheckConstraint(
                condition=models.Q(role__in=[value for value, _ in GRANTABLE_CHOICES]), name="invitation_role_grantable"
            ),
            models.CheckConstraint(
                condition=models.Q(state="accepted") | models.Q(accepted_by=None),
                name="invitation_accepted_by_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["project", "created_at", "id"], name="invitation_by_project"),  # the list
            models.Index(fields=["created_at"], name="invitation_by_age"),  # the purge
            GinIndex(fields=["former_digests"], fastupdate=False, name="invitation_former_digests"),
        ]

    def __str__(self) -> str:
        return f"Invitation {self.pk}"

    def state_at(self, now: datetime) -> str:
        """Return the state at an instant."""
        is_over = self.state == State.PENDING and self.expires_at <= now
        return State.EXPIRED if is_over else self.state
