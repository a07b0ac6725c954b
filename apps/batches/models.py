"""Batches, and what became of each task in one."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone

from apps.common.models import Leased
from apps.common.uuid7 import uuid7


class Action(models.TextChoices):
    """What a batch does."""

    UPDATE = "update", "Update"
    MOVE = "move", "Move"
    ARCHIVE = "archive", "Archive"
    UNARCHIVE = "unarchive", "Unarchive"
    DELETE = "delete", "Delete"
    COMPLETE = "complete", "Complete"
    CREATE = "create", "Create"
    RESTORE = "restore", "Restore"
    UNDO = "undo", "Undo"
    IMPORT = "import", "Import"


class Mode(models.TextChoices):
    """Whether one failure rejects all."""

    ATOMIC = "atomic", "Atomic"
    BEST_EFFORT = "best_effort", "Best effort"


class State(models.TextChoices):
    """How far a batch is."""

    PENDING = "pending", "Pending"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    FAILED = "failed", "Failed"


class Outcome(models.TextChoices):
    """What became of one task; `conflict` happens in an undo only."""

    CHANGED = "changed", "Changed"
    UNCHANGED = "unchanged", "Unchanged"
    FAILED = "failed", "Failed"
    CONFLICT = "conflict", "Conflict"


class Batch(Leased):
    """An act on one or many tasks. Its id is the `batch_id` of its events, which are all that undo needs."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, db_index=False, related_name="+")
    token_id = models.BigIntegerField(null=True)
    action = models.CharField(max_length=10, choices=Action.choices)
    mode = models.CharField(max_length=11, choices=Mode.choices, default=Mode.ATOMIC)
    dry_run = models.BooleanField(default=False)
    state = models.CharField(max_length=7, choices=State.choices, default=State.DONE)
    request = models.JSONField(default=dict, help_text="What is to be done: for a batch in the background.")
    total = models.PositiveIntegerField(default=0, help_text="How many tasks it is about.")
    counts = models.JSONField(default=dict, help_text="Tasks by outcome.")
    cursor = models.PositiveIntegerField(default=0, help_text="How many tasks have had their turn.")
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, db_index=False, related_name="+")

    class Meta:
        verbose_name_plural = "batches"
        constraints = [
            models.CheckConstraint(condition=models.Q(action__in=Action.values), name="batch_action_known"),
            models.CheckConstraint(condition=models.Q(mode__in=Mode.values), name="batch_mode_known"),
            models.CheckConstraint(condition=models.Q(state__in=State.values), name="batch_state_known"),
        ]
        indexes = [
            models.Index(fields=["actor", "created_at", "id"], name="batch_by_actor"),  # the list
            models.Index(fields=["created_at"], name="batch_by_age"),  # the purge
            models.Index(
                fields=["next_attempt_at"], condition=models.Q(state__in=["pending", "running"]), name="batch_open"
            ),  # the job's work list
            models.Index(
                fields=["undone_by"], condition=models.Q(undone_by__isnull=False), name="batch_by_undo"
            ),  # deleting an undo
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.pk}"

    @property
    def undo_until(self) -> datetime | None:
        """Return until when it can be undone, None before it is finished."""
        is_import = self.action == Action.IMPORT
        lasts = timedelta(days=settings.IMPORT_UNDO_DAYS) if is_import else timedelta(hours=settings.UNDO_HOURS)
        return self.finished_at + lasts if self.finished_at else None

    def reason_against_undo(self, *, now: datetime) -> str:
        """Return why it cannot be undone now (`running`, `dry_run` …), or nothing."""
        if self.state in (State.PENDING, State.RUNNING):
            return "running"
        if self.dry_run:
            return "dry_run"
        if self.undone_by_id is not None:
            return "already_undone"
        if self.undo_until is None or self.undo_until < now:
            return "expired"
        return "" if self.counts.get(Outcome.CHANGED) else "nothing"


class BatchItem(models.Model):
    """What became of one task of a batch; `position` counts from 0 in the order of the work."""

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, db_index=False, related_name="items")
    position = models.PositiveIntegerField()
    project_id = models.BigIntegerField(null=True, help_text="Where the task was afterwards.")
    task_id = models.BigIntegerField(null=True)
    task_key = models.CharField(max_length=40, blank=True, help_text="Empty for a task that the actor did not see.")
    result = models.CharField(max_length=9, choices=Outcome.choices)
    version = models.PositiveBigIntegerField(null=True)
    changes = models.JSONField(default=dict)
    error = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "position"], name="batch_item_position_once"),
            models.CheckConstraint(condition=models.Q(result__in=Outcome.values), name="batch_item_result_known"),
        ]
        indexes = [
            models.Index(fields=["project_id"], name="batch_item_by_project"),  # erasing a project
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}: {self.position}"
