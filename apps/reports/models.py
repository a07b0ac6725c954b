"""Project reports: asked for, built by a job, downloaded."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from apps.common.models import Leased
from apps.projects.models import Project
from apps.projects.reach import of_member


class ReportStatus(models.TextChoices):
    """How far a report is."""

    PENDING = "pending", "Pending"
    READY = "ready", "Ready"
    FAILED = "failed", "Failed"


class ReportQuerySet(models.QuerySet["Report"]):
    """Vocabulary of reports."""

    def visible_to(self, user: Any) -> Self:
        """Return the reports of projects `user` is a member of, with the user's `role`."""
        return self.filter(of_member(user, "project__")).annotate(role=models.F("project__memberships__role"))


class Report(Leased):
    """A snapshot of a project's tasks: a summary (JSON) and a table (CSV)."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, db_index=False, related_name="reports")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=10, choices=ReportStatus.choices, default=ReportStatus.PENDING)
    summary = models.JSONField(null=True)
    content = models.BinaryField(null=True, help_text="The CSV, gzip-compressed UTF-8.")
    error = models.CharField(max_length=500, blank=True)
    request_id = models.CharField(max_length=128, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(status__in=ReportStatus.values), name="report_status_known"),
        ]
        indexes = [
            models.Index(fields=["project", "created_at", "id"], name="report_by_project"),  # the list
            models.Index(fields=["created_at"], name="report_by_age"),  # the purge
            models.Index(
                fields=["next_attempt_at"], condition=models.Q(status="pending"), name="report_pending"
            ),  # the job's work list
        ]

    def __str__(self) -> str:
        return f"Report {self.pk}"
