"""The table of tasks, and their vocabulary."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from apps.common.lists.ordering import Infinity
from apps.common.models import TimestampedModel
from apps.common.sql.conditions import ByRow
from apps.common.text.sorting import SortKey
from apps.projects.models import Membership, Project, TrashEntry
from apps.projects.reach import of_member

TITLE_LENGTH = 200
DESCRIPTION_LENGTH = 50_000
METADATA_MAX = 16 * 1024  # bytes of compact JSON in UTF-8
SEARCHED = ("title", "description")
# Kept by a trigger and read by searches alone: no row carries it. It has two indexes: by project and word, where the
# hits of a whole word elsewhere cost nothing, but a prefix collects those of all projects; and by words that begin with
# their project, for searches in named projects. See docs/decisions/0150-search-in-every-script.md
WORDS_COLUMN = "search"
KEY = re.compile(r"^\s*([A-Za-z]{2,10})-(\d{1,18})\s*$")


def task_key(project_key: str, number: int) -> str:
    """Return the name people use, such as `WEB-12`."""
    return f"{project_key}-{number}"


class Status(models.TextChoices):
    """Where a task stands, in the order of work."""

    TODO = "todo", _("To do")
    IN_PROGRESS = "in_progress", _("In progress")
    REVIEW = "review", _("In review")
    DONE = "done", _("Done")


class Priority(models.TextChoices):
    """How much a task matters, least first."""

    LOW = "low", _("Low")
    MEDIUM = "medium", _("Medium")
    HIGH = "high", _("High")
    URGENT = "urgent", _("Urgent")


def _rank(column: str, choices: type[models.TextChoices]) -> models.GeneratedField:
    """Return a stored column with the position of `column`'s value among `choices`, for sorting."""
    whens = [models.When(**{column: value}, then=models.Value(rank)) for rank, value in enumerate(choices.values, 1)]
    return models.GeneratedField(
        expression=models.Case(*whens, default=models.Value(0)),
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )


# Not in the trash by itself: the condition of every index that lists read
KEPT = models.Q(trash=None)
# Neither done nor archived: what counts as open
OPEN = ~models.Q(status=Status.DONE) & models.Q(archived_at=None)


def open_task(path: str = "") -> models.Q:
    """Return the condition that a task (at the end of `path`) is open wherever it is looked at from (contract DE6).

    Not done, and neither it nor its project is archived or in the trash.
    """
    nowhere = ("archived_at", "trash", "project__archived_at", "project__trash")
    return ~models.Q(**{f"{path}status": Status.DONE}) & models.Q(**{f"{path}{name}": None for name in nowhere})


def overdue(*, now: datetime | Combinable) -> models.Q:
    """Return the condition that a task is open and past its due date."""
    return OPEN & models.Q(due_date__lt=now)


class TaskQuerySet(models.QuerySet["Task"]):
    """Vocabulary of tasks."""

    def visible_to(self, user: Any) -> Self:
        """Return the tasks of projects `user` is a member of, each with the user's `role` there; not the trash."""
        mine = self.kept().filter(of_member(user, "project__"))
        return mine.annotate(role=models.F("project__memberships__role"))

    def found_visible_to(self, user: Any) -> Self:
        """Return the same as `visible_to`, quickly where another condition leaves few rows: a person's, say.

        Membership is looked up for each row in place of a join, which would begin with the person's projects and read
        all tasks there: PostgreSQL does not know that who has a task is a member of its project.
        """
        memberships = Membership.objects.of(user)
        mine = self.kept().filter(ByRow(models.Q(project__in=memberships.values("project"))))
        return mine.annotate(
            role=models.Subquery(memberships.filter(project=models.OuterRef("project")).values("role"))
        )

    def kept(self) -> Self:
        """Return what is in the trash neither itself nor with its project."""
        return self.filter(trash=None, project__trash=None)

    def active(self) -> Self:
        """Return what is archived neither itself nor with its project."""
        return self.filter(archived_at=None, project__archived_at=None)


class Task(TimestampedModel):
    """A piece of work. `version` rises with every change of what its editors wrote."""

    project = models.ForeignKey(Project, on_delete=models.CASCADE, db_index=False, related_name="tasks")
    number = models.PositiveBigIntegerField(editable=False)
    title = models.CharField(max_length=TITLE_LENGTH)
    description = models.TextField(blank=True, max_length=DESCRIPTION_LENGTH)
    status = models.CharField(max_length=20, choices=Status.choices, default=Status.TODO)
    priority = models.CharField(max_length=20, choices=Priority.choices, default=Priority.MEDIUM)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="assigned_tasks",
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="created_tasks"
    )
    due_date = models.DateTimeField(null=True, blank=True)
    due_on = models.DateField(
        null=True,
        blank=True,
        validators=[MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(9999, 12, 30))],
        help_text="The day, when there is no time; due_date is its end.",
    )
    duration = models.PositiveIntegerField(null=True, blank=True, help_text="Estimate in minutes.")
    metadata = models.JSONField(default=dict, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True, editable=False)
    archived_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The place in the project's manual order, compared bytewise; `apps/tasks/order` makes it. A trigger fills it for
    # rows of the former version, which leave it null; the next release drops that.
    rank = models.TextField(db_collation="C", default=None, editable=False)
    trash = models.ForeignKey(
        TrashEntry, on_delete=models.DO_NOTHING, null=True, editable=False, db_index=False, related_name="+"
    )
    # The foreign key is (parent, project), deferred, ON DELETE SET NULL (parent): only the database can say so
    parent = models.ForeignKey(
        "self",
        on_delete=models.DO_NOTHING,
        null=True,
        blank=True,
        db_index=False,
        db_constraint=False,
        related_name="children",
    )
    # Direct children, neither archived nor in the trash; kept under the project's lock, they do not raise `version`
    subtasks_total = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    subtasks_done = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    # The act that archived it: unarchiving the root of that act brings back the same tasks
    archive_batch = models.UUIDField(null=True, editable=False)
    attachments_count = models.PositiveIntegerField(default=0, editable=False)  # does not raise `version`
    # Those that are not deleted; does not raise `version` either
    comments_count = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    version = models.PositiveBigIntegerField(default=1, editable=False)
    # What it is elsewhere: where an import or a client found it, and under which id
    external_source = models.CharField(max_length=40, null=True, editable=False)  # noqa: DJ001 - null: nowhere
    external_id = models.CharField(max_length=255, null=True, editable=False)  # noqa: DJ001
    status_rank = _rank("status", Status)
    priority_rank = _rank("priority", Priority)

    objects = TaskQuerySet.as_manager()

    role: str | None  # the caller's, from `visible_to`
    # Set by services on the row they return: what the answer says beside it (contract H4), and the batch of an act that
    # can be undone
    effects: dict[str, Any] | None = None
    batch_id: UUID | None = None

    def note(self, **effects: Any) -> None:
        """Add to `effects`, but what is empty."""
        self.effects = {**(self.effects or {}), **{name: value for name, value in effects.items() if value}}

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "number"], name="task_number_unique_in_project"),
            # Deferred: neighbours exchange their ranks within a transaction
            models.UniqueConstraint(
                fields=["project", "rank"], name="task_rank_unique_in_project", deferrable=models.Deferrable.DEFERRED
            ),
            # The target of the attachments' composite foreign key
            models.UniqueConstraint(fields=["id", "project"], name="task_id_with_project"),
            models.UniqueConstraint(
                fields=["project", "external_source", "external_id"],
                condition=models.Q(external_id__isnull=False),
                name="task_external_unique_in_project",
            ),
            models.CheckConstraint(condition=models.Q(status__in=Status.values), name="task_status_known"),
            models.CheckConstraint(condition=models.Q(priority__in=Priority.values), name="task_priority_known"),
            models.CheckConstraint(
                condition=models.Q(status=Status.DONE, completed_at__isnull=False)
                | (~models.Q(status=Status.DONE) & models.Q(completed_at=None)),
                name="task_completed_at_iff_done",
            ),
            models.CheckConstraint(
                condition=models.Q(due_on=None) | models.Q(due_date__isnull=False), name="task_due_on_has_its_due_date"
            ),
            models.CheckConstraint(
                condition=models.Q(parent=None) | ~models.Q(parent=models.F("id")), name="task_not_its_own_parent"
            ),
            models.CheckConstraint(
                condition=models.Q(subtasks_done__lte=models.F("subtasks_total")), name="task_subtasks_done_of_total"
            ),
        ]
        indexes = [
            # Lists of one project, newest first: the default
            models.Index(fields=["project", "created_at", "id"], condition=KEPT, name="task_kept_by_created"),
            # A copy of one project, by id
            models.Index(fields=["project", "id"], condition=KEPT, name="task_kept_by_id"),
            # Lists of one project by due date; nulls read as infinity, so they stand last
            models.Index("project", Coalesce("due_date", Infinity()), "id", condition=KEPT, name="task_kept_by_due"),
            # Lists of one project in the manual order
            models.Index(fields=["project", "rank"], condition=KEPT, name="task_kept_by_rank"),
            # Lists of one project by title
            models.Index("project", SortKey("title"), "id", condition=KEPT, name="task_kept_by_title"),
            # "My tasks" by due date, over all projects
            models.Index(
                "assigned_to", Coalesce("due_date", Infinity()), "id", condition=KEPT, name="task_kept_by_assignee_due"
            ),
            # Reminders: a range scan over what has a date. That a task is open is no condition of it: an index that
            # knows the status has all indexes written anew when it changes, where PostgreSQL else writes none (HOT)
            models.Index(
                fields=["due_date", "id"], condition=KEPT & models.Q(due_date__isnull=False), name="task_kept_with_date"
            ),
            # The children of a task, in the manual order
            models.Index(
                fields=["parent", "rank"], condition=models.Q(parent__isnull=False), name="task_by_parent_rank"
            ),
            # The contents of a trash entry
            models.Index(fields=["trash"], condition=models.Q(trash__isnull=False), name="task_in_trash"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def key(self) -> str:
        """Return the name people use, such as `WEB-12`. Reads the project."""
        return task_key(self.project.key, self.number)

    @property
    def is_archived(self) -> bool:
        """Return whether the task itself is archived."""
        return self.archived_at is not None

    @property
    def is_open(self) -> bool:
        """Return whether it is neither done nor archived: what the project counts as open."""
        return self.status != Status.DONE and self.archived_at is None
