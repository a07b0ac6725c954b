"""Exports: asked for, built by a job, downloaded, expired."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from apps.common.models import Leased
from apps.common.origin import current_door
from apps.projects.models import Project
from apps.projects.roles import Capability, Role, allows

EXPORTING = [role for role in Role if allows(role, Capability.MANAGE_PROJECT)]


class ExportScope(models.TextChoices):
    """What is exported."""

    PROJECT = "project", "A project"
    ACCOUNT = "account", "An account"


class ExportState(models.TextChoices):
    """How far an export is."""

    PENDING = "pending", "Pending"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"
    EXPIRED = "expired", "Expired"


class ExportQuerySet(models.QuerySet["Export"]):
    """Vocabulary of exports."""

    def visible_to(self, user: Any) -> Self:
        """Return those that `user` asked for, and of projects only while they may export them.

        Through an API token there is no export of an account.
        """
        allowed = Project.objects.visible_to(user).filter(role__in=EXPORTING).values("pk")  # type: ignore[misc]
        shown = models.Q(project__in=allowed)
        if current_door().token_id is None:
            shown |= models.Q(scope=ExportScope.ACCOUNT)
        return self.filter(shown, created_by=user).select_related("project")

    def outlived(self, *, now: datetime) -> Self:
        """Return the ready ones that have expired."""
        return self.filter(state=ExportState.READY, expires_at__lte=now)


class Export(Leased):
    """A file with everything in a project, or of an account, as it was in one moment."""

    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    scope = models.CharField(max_length=10, choices=ExportScope.choices)
    # The database deletes them with their project
    project = models.ForeignKey(Project, on_delete=models.CASCADE, db_constraint=False, null=True, related_name="+")
    with_files = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=ExportState.choices, default=ExportState.PENDING)
    storage_name = models.CharField(max_length=200, blank=True, help_text="Empty while there is no file.")
    size = models.PositiveBigIntegerField(null=True, help_text="Bytes.")
    sha256 = models.CharField(max_length=64, blank=True)
    error = models.CharField(max_length=500, blank=True)
    request_id = models.CharField(max_length=128, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)

    objects = ExportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(scope=ExportScope.PROJECT, project__isnull=False)
                | models.Q(scope=ExportScope.ACCOUNT, project=None),
                name="export_of_a_project_or_an_account",
            ),
            models.CheckConstraint(condition=models.Q(state__in=ExportState.values), name="export_state_known"),
            models.CheckConstraint(
                condition=~models.Q(state=ExportState.READY)
                | models.Q(size__isnull=False, expires_at__isnull=False) & ~models.Q(storage_name=""),
                name="export_ready_has_its_file",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"], condition=models.Q(state="pending"), name="export_pending"
            ),  # the job's work list
            models.Index(fields=["created_at"], name="export_by_age"),  # the purge
        ]

    def __str__(self) -> str:
        return f"Export {self.pk}"

    def state_at(self, now: datetime) -> ExportState:
        """Return the state as it is then: an export has expired before the purge has come to it."""
        is_over = self.state == ExportState.READY and self.expires_at is not None and self.expires_at <= now
        return ExportState.EXPIRED if is_over else ExportState(self.state)

    @property
    def file_name(self) -> str:
        """Return the name under which the file is downloaded."""
        what = self.project.key if self.project is not None else "account"
        return f"{what}-export-{self.pk}.zip"
