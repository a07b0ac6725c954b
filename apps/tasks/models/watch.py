"""The table of what people chose to hear of a task, or of a whole project."""

from __future__ import annotations

from typing import Any, Self

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.projects.models import Project
from apps.tasks.models.task import Task


class WatchLevel(models.TextChoices):
    """How much a person hears: of a task all but `participating`, of a project all but `none`."""

    ALL = "all", _("Everything")
    PARTICIPATING = "participating", _("Tasks that are theirs or that they watch")
    NONE = "none", _("Mentions and assignments")
    MUTED = "muted", _("Assignments only")


TASK_LEVELS = (WatchLevel.ALL, WatchLevel.NONE, WatchLevel.MUTED)
PROJECT_LEVELS = (WatchLevel.ALL, WatchLevel.PARTICIPATING, WatchLevel.MUTED)


class WatchReason(models.TextChoices):
    """Why somebody watches, strongest first."""

    ASSIGNED = "assigned", "Has the task"
    CREATED = "created", "Created the task"
    SELF = "self", "Chose to"
    ADDED = "added", "Was added by somebody"
    MENTIONED = "mentioned", "Was mentioned"
    COMMENTED = "commented", "Commented"


class WatchQuerySet(models.QuerySet["Watch"]):
    """Vocabulary of watch levels."""

    def of_projects(self) -> Self:
        """Return the levels of whole projects."""
        return self.filter(task=None)


class Watch(models.Model):
    """A member's level for a task, or for a project where `task` is null.

    The creator and the assignee of a task watch it without a row. The database ties the row to the membership and to
    the task: it goes with either, and follows the task to another project.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False,
        related_name="watches",
    )  # fmt: skip
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="watches"
    )
    task = models.ForeignKey(
        Task, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, null=True, related_name="watches"
    )
    level = models.CharField(max_length=15, choices=WatchLevel.choices)
    reason = models.CharField(max_length=10, choices=WatchReason.choices)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, db_index=False, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = WatchQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "watches"
        constraints = [
            models.UniqueConstraint(
                fields=["user", "task"], condition=models.Q(task__isnull=False), name="watch_once_per_task"
            ),
            models.UniqueConstraint(
                fields=["user", "project"], condition=models.Q(task=None), name="watch_once_per_project"
            ),
            models.CheckConstraint(
                condition=models.Q(task__isnull=False, level__in=TASK_LEVELS)
                | models.Q(task=None, level__in=PROJECT_LEVELS),
                name="watch_level_known",
            ),
            models.CheckConstraint(condition=models.Q(reason__in=WatchReason.values), name="watch_reason_known"),
        ]
        indexes = [
            models.Index(fields=["task"], name="watch_by_task"),
            # A membership that ends, a project that ends, and who watches a whole project
            models.Index(fields=["project", "user"], name="watch_by_project_person"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} hears of {self.task_id or self.project_id}: {self.level}"


def watched_by(user: Any, path: str = "") -> models.Q:
    """Return the condition that `user`, a member of its project, watches the task at `path` (WA5).

    Level `all`, or no level of the task and its creator, its assignee, or level `all` of the project.
    """
    own = Watch.objects.filter(task=models.OuterRef(f"{path}pk"), user=user)
    of_project = Watch.objects.of_projects().filter(
        project=models.OuterRef(f"{path}project_id"), user=user, level=WatchLevel.ALL
    )
    # Each part is true or false for nobody too, so that the condition can be shown as a value.
    parts = (f"{path}created_by", f"{path}assigned_to")
    is_creator, is_assignee = (models.Q(**{f"{part}__isnull": False, part: user}) for part in parts)
    by_default = is_creator | is_assignee | models.Exists(of_project)
    return models.Exists(own.filter(level=WatchLevel.ALL)) | (~models.Exists(own) & by_default)
