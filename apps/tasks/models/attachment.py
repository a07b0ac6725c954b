"""The table of files of tasks."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from apps.projects.models import Project
from apps.projects.reach import of_member
from apps.tasks.models.task import Task


class AttachmentState(models.TextChoices):
    """A file's life: the row is committed before the file and dropped after it."""

    UPLOADING = "uploading", "Uploading"
    READY = "ready", "Ready"
    DELETING = "deleting", "Deleting"


class AttachmentQuerySet(models.QuerySet["Attachment"]):
    """Vocabulary of attachments."""

    def ready(self) -> Self:
        """Return what is served: complete, and not being deleted."""
        return self.filter(state=AttachmentState.READY)

    def uploading(self) -> Self:
        """Return what is being taken in, or was when its process ended."""
        return self.filter(state=AttachmentState.UPLOADING)

    def deleting(self) -> Self:
        """Return what has left its task and waits for its file to go."""
        return self.filter(state=AttachmentState.DELETING)

    def visible_to(self, user: Any) -> Self:
        """Return the ready files of tasks in projects `user` is a member of, with the user's `role`."""
        return (
            self.ready()
            .filter(of_member(user, "project__"), task__trash=None, project__trash=None)
            .annotate(role=models.F("project__memberships__role"))
        )


class Attachment(models.Model):
    """A file of a task. Task and project are null only while it is being deleted."""

    task = models.ForeignKey(Task, on_delete=models.PROTECT, null=True, related_name="attachments")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, null=True, related_name="+")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=255)
    storage_name = models.CharField(max_length=200, unique=True)
    size = models.PositiveBigIntegerField(default=0, help_text="Bytes.")
    content_type = models.CharField(max_length=127, blank=True)
    sha256 = models.CharField(max_length=64, blank=True)
    state = models.CharField(max_length=10, choices=AttachmentState.choices, default=AttachmentState.UPLOADING)
    created_at = models.DateTimeField(default=timezone.now)
    uploaded_at = models.DateTimeField(null=True)

    objects = AttachmentQuerySet.as_manager()

    role: str | None  # the caller's, from `visible_to`

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state=AttachmentState.DELETING)
                | models.Q(task__isnull=False, project__isnull=False),
                name="attachment_detached_only_when_deleting",
            ),
            models.CheckConstraint(condition=models.Q(state__in=AttachmentState.values), name="attachment_state_known"),
        ]
        indexes = [
            # The clean-up's work list
            models.Index(
                fields=["state", "created_at"],
                condition=~models.Q(state=AttachmentState.READY),
                name="attachment_unfinished",
            ),
            # A copy of one project
            models.Index(
                fields=["project", "id"],
                condition=models.Q(state=AttachmentState.READY),
                name="attachment_ready_by_project",
            ),
        ]

    def __str__(self) -> str:
        return self.name
