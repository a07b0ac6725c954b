"""Imports, and what became of each row of their files."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from apps.batches.models import Batch
from apps.common.models import Leased
from apps.projects.models import Project
from apps.projects.roles import Capability, Role, allows

IMPORTING = [role for role in Role if allows(role, Capability.MANAGE_PROJECT)]


class ImportSource(models.TextChoices):
    """Where a file comes from."""

    CSV = "csv", "CSV"
    TODOIST = "todoist", "Todoist"
    TASKHOUSE = "taskhouse", "Taskhouse"
    GITHUB = "github", "GitHub"
    TRELLO = "trello", "Trello"
    JIRA = "jira", "Jira"


class ImportState(models.TextChoices):
    """How far an import is."""

    ANALYSED = "analysed", "Analysed"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"
    UNDONE = "undone", "Undone"


class OnExisting(models.TextChoices):
    """What happens to a task that an earlier import of the same row has made."""

    SKIP = "skip", "Skip"
    UPDATE = "update", "Update"


class RowResult(models.TextChoices):
    """What became of one row."""

    CREATED = "created", "Created"
    UPDATED = "updated", "Updated"
    UNCHANGED = "unchanged", "Unchanged"
    KEPT = "kept", "Kept"
    SKIPPED = "skipped", "Skipped"
    FAILED = "failed", "Failed"


class ImportQuerySet(models.QuerySet["ImportJob"]):
    """Vocabulary of imports."""

    def visible_to(self, user: Any) -> Self:
        """Return those that `user` began, and of projects only while they may import into them."""
        allowed = Project.objects.visible_to(user).filter(role__in=IMPORTING).values("pk")  # type: ignore[misc]
        here = models.Q(project__in=allowed) | models.Q(project=None)
        return self.filter(here, created_by=user).select_related("project")


class ImportJob(Leased):
    """A file that is to become tasks of a project, or of a new one while `project` is null."""

    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    token_id = models.BigIntegerField(null=True)
    # The database deletes them with their project
    project = models.ForeignKey(Project, on_delete=models.CASCADE, db_constraint=False, null=True, related_name="+")
    source = models.CharField(max_length=10, help_text="One of ImportSource.")
    file_name = models.CharField(max_length=255)
    storage_name = models.CharField(max_length=200, blank=True, help_text="Empty when the file is gone.")
    state = models.CharField(max_length=10, choices=ImportState.choices, default=ImportState.ANALYSED)
    mapping = models.JSONField(default=dict)
    on_existing = models.CharField(max_length=6, choices=OnExisting.choices, default=OnExisting.SKIP)
    notify = models.BooleanField(default=False)
    analysis = models.JSONField(default=dict, help_text="What the file has: columns, values, samples, counts.")
    dry_run = models.BooleanField(default=False)
    cursor = models.PositiveIntegerField(default=0, help_text="How many turns are done; each row has two.")
    result = models.JSONField(default=dict, help_text="Rows by result.")
    former = models.JSONField(default=dict, help_text="What an undo of updates needs beside the events.")
    batch_id = models.UUIDField(null=True)
    error = models.CharField(max_length=500, blank=True)
    request_id = models.CharField(max_length=128, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=ImportState.values), name="import_state_known"),
            models.UniqueConstraint(
                fields=["project"], condition=models.Q(state="running"), name="import_runs_alone_in_project"
            ),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=models.Q(state="running"), name="import_running"),
            models.Index(fields=["created_at"], name="import_by_age"),
            models.Index(fields=["batch_id"], condition=models.Q(batch_id__isnull=False), name="import_by_batch"),
        ]

    def __str__(self) -> str:
        return f"Import {self.pk}"

    @property
    def encoding(self) -> str | None:
        """Return the character set that the file is read in, None where it is an archive."""
        found: str | None = self.analysis.get("encoding")
        return found

    @property
    def batch(self) -> Batch | None:
        """Return the batch of a finished run that changed something."""
        return Batch.objects.filter(pk=self.batch_id).first() if self.batch_id else None

    @property
    def undo_until(self) -> datetime | None:
        """Return until when it can be undone, None when it cannot."""
        batch = self.batch
        if batch is None or self.state == ImportState.UNDONE:
            return None
        return None if batch.reason_against_undo(now=timezone.now()) else batch.undo_until


class ImportRow(models.Model):
    """What became of one row; `written` has a digest of each value that was written, by field."""

    # The database deletes them with their import
    job = models.ForeignKey(
        ImportJob, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="rows"
    )
    row = models.PositiveIntegerField()
    external_id = models.CharField(max_length=255, blank=True)
    result = models.CharField(max_length=9, choices=RowResult.choices)
    task_id = models.BigIntegerField(null=True)
    written = models.JSONField(default=dict)
    errors = models.JSONField(default=list)
    warnings = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "row"], name="import_row_once"),
            models.CheckConstraint(condition=models.Q(result__in=RowResult.values), name="import_row_result_known"),
        ]
        indexes = [
            models.Index(fields=["task_id"], condition=models.Q(task_id__isnull=False), name="import_row_by_task"),
        ]

    def __str__(self) -> str:
        return f"{self.job_id}: {self.row}"
