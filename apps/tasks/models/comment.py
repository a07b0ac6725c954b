"""The tables of comments: the present text, and the former ones."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from apps.projects.models import Project
from apps.projects.reach import of_member
from apps.tasks.models.task import Task

COMMENT_LENGTH = 20_000


class CommentQuerySet(models.QuerySet["Comment"]):
    """Vocabulary of comments."""

    def visible_to(self, user: Any) -> Self:
        """Return the comments of tasks that `user` sees, each with the user's `role` there; tombstones included."""
        return self.filter(of_member(user, "project__"), task__in=Task.objects.visible_to(user).values("pk")).annotate(
            role=models.F("project__memberships__role")
        )


class Comment(models.Model):
    """What somebody wrote about a task. A deleted one stays as a tombstone without text.

    The database ties (task, project) to the task: rows go with it and follow it to another project.
    """

    task = models.ForeignKey(
        Task, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="comments"
    )
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="comments"
    )
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    body = models.TextField(null=True, help_text="Markdown as it was sent; null once deleted.")  # noqa: DJ001
    version = models.PositiveBigIntegerField(default=1)
    edits_count = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)
    deleted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )

    objects = CommentQuerySet.as_manager()

    role: str | None  # the caller's, from `visible_to`

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(deleted_at=None, body__isnull=False)
                | models.Q(deleted_at__isnull=False, body__isnull=True),
                name="comment_has_a_text_unless_deleted",
            ),
        ]
        indexes = [
            models.Index(fields=["task", "created_at", "id"], name="comment_by_task_created"),
            models.Index(fields=["project", "id"], name="comment_by_project"),  # a copy of one project
        ]

    def __str__(self) -> str:
        return f"Comment {self.pk} on task {self.task_id}"

    @property
    def is_deleted(self) -> bool:
        """Return whether nothing but the comment's place is left."""
        return self.deleted_at is not None


class CommentVersion(models.Model):
    """A former text of a comment; `number` is the version the comment had with it."""

    pk = models.CompositePrimaryKey("comment_id", "number")
    comment = models.ForeignKey(
        Comment, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="former_versions"
    )
    number = models.PositiveBigIntegerField()
    body = models.TextField(null=True, help_text="Null once erased.")  # noqa: DJ001
    written_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(erased_at=None, body__isnull=False)
                | models.Q(erased_at__isnull=False, body__isnull=True),
                name="comment_version_has_a_text_unless_erased",
            ),
        ]

    def __str__(self) -> str:
        return f"Version {self.number} of comment {self.comment_id}"

    @property
    def is_erased(self) -> bool:
        """Return whether the text is gone for good."""
        return self.erased_at is not None
