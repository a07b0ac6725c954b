"""The table of relations between tasks: one row each, read from either end."""

from __future__ import annotations

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models.functions import Greatest, Least
from django.utils import timezone

from apps.projects.models import Project
from apps.tasks.models.task import Task, open_task


class RelationKind(models.TextChoices):
    """What the task at `from` is to the one at `to`."""

    BLOCKS = "blocks", "Blocks"
    RELATES = "relates", "Relates to"
    DUPLICATES = "duplicates", "Duplicates"


# What the same row is called at its other end
READ_FROM_TO = {
    RelationKind.BLOCKS: "blocked_by",
    RelationKind.RELATES: "relates",
    RelationKind.DUPLICATES: "duplicated_by",
}


class RelationQuerySet(models.QuerySet["Relation"]):
    """Vocabulary of relations."""

    def of(self, task: object) -> Self:
        """Return those with the task (an instance, an id, an expression) at either end."""
        return self.filter(models.Q(from_task=task) | models.Q(to_task=task))

    def listed_for(self, task: object) -> Self:
        """Return what the task's list shows: not those whose other end is archived or in the trash (contract DE4).

        Written with NOT EXISTS: a task whose row cannot be read is not archived.
        """
        ends = {}
        for end, other in (("from_task", "to_task"), ("to_task", "from_task")):
            hidden = Task.objects.filter(
                ~models.Q(archived_at=None) | ~models.Q(trash=None) | ~models.Q(project__trash=None),
                pk=models.OuterRef(other),
            )
            ends[end] = models.Q(**{end: task}) & ~models.Exists(hidden)
        return self.filter(ends["from_task"] | ends["to_task"])

    def shown_from(self, task: object) -> Self:
        """Return them with the `shown_kind` as it reads from the task (an id, an expression)."""
        backward = [models.When(kind=kind, then=models.Value(shown)) for kind, shown in READ_FROM_TO.items()]
        return self.annotate(
            shown_kind=models.Case(
                models.When(from_task=task, then=models.F("kind")), *backward, output_field=models.CharField()
            )
        )

    def read_from(self, task: Task) -> Self:
        """Return them with the `shown_kind` as it reads from `task`, and the caller's `role` there."""
        return self.shown_from(task.pk).annotate(role=models.Value(task.role, output_field=models.CharField()))

    def open_blockers_of(self, task: object) -> Self:
        """Return those in which an open task blocks `task` (contract DE6)."""
        return self.filter(open_task("from_task__"), kind=RelationKind.BLOCKS, to_task=task)

    def open_blocked_by(self, task: object) -> Self:
        """Return those in which `task` blocks an open task."""
        return self.filter(open_task("to_task__"), kind=RelationKind.BLOCKS, from_task=task)


def _project() -> models.ForeignKey[Project, Project]:
    return models.ForeignKey(Project, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+")


def _task(column: str) -> models.ForeignKey[Task, Task]:
    return models.ForeignKey(
        Task,
        on_delete=models.DO_NOTHING,
        db_column=column,
        db_constraint=False,
        db_index=False,
        related_name="+",
    )


class Relation(models.Model):
    """One task blocks, relates to or duplicates another; of `relates` the lower id comes first.

    The database ties each end with its project to the task: rows go with either task, and follow it to another
    project.
    """

    kind = models.CharField(max_length=10, choices=RelationKind.choices)
    from_task = _task("from_id")
    from_project = _project()
    to_task = _task("to_id")
    to_project = _project()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, db_index=False, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = RelationQuerySet.as_manager()

    role: str | None  # from `read_from`
    shown_kind: str  # from `shown_from`

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=RelationKind.values), name="relation_kind_known"),
            models.CheckConstraint(
                condition=~models.Q(from_task=models.F("to_task")), name="relation_between_two_tasks"
            ),
            models.CheckConstraint(
                condition=~models.Q(kind=RelationKind.RELATES) | models.Q(from_task__lt=models.F("to_task")),
                name="relation_relates_from_the_lower_id",
            ),
            models.UniqueConstraint(
                "kind",
                Least("from_task", "to_task"),
                Greatest("from_task", "to_task"),
                name="relation_once_per_kind_and_pair",
            ),
        ]
        indexes = [
            models.Index(fields=["from_task", "kind"], name="relation_by_from"),
            models.Index(fields=["to_task", "kind"], name="relation_by_to"),
            # A copy of one project
            models.Index(fields=["from_project", "id"], name="relation_by_from_project"),
            models.Index(fields=["to_project", "id"], name="relation_by_to_project"),
        ]

    def __str__(self) -> str:
        return f"{self.from_task_id} {self.kind} {self.to_task_id}"

    def other_end(self, task_id: int) -> int:
        """Return the id of the task at the other end."""
        return self.to_task_id if self.from_task_id == task_id else self.from_task_id
