"""The tables of labels, and of the tasks that carry them."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.utils import timezone

from apps.common.text.normal_form import NormalForm
from apps.common.text.sorting import SortKey
from apps.projects.models import Project
from apps.projects.reach import of_member
from apps.tasks.models.task import Task

LABEL_NAME_LENGTH = 50
LABEL_DESCRIPTION_LENGTH = 200


class LabelQuerySet(models.QuerySet["Label"]):
    """Vocabulary of labels."""

    def visible_to(self, user: Any) -> Self:
        """Return the labels of projects that `user` sees, each with the user's `role` there."""
        return self.filter(of_member(user, "project__"), project__trash=None).annotate(
            role=models.F("project__memberships__role")
        )

    def by_name(self) -> Self:
        """Return them in the order in which people read them (contract LA11)."""
        return self.order_by("sort_name", "pk")

    def with_counts(self) -> Self:
        """Annotate `tasks_count`: the tasks that carry the label and are not in the trash."""
        carried = TaskLabel.objects.filter(label=models.OuterRef("pk"), task__trash=None).order_by()
        count = carried.values("label").annotate(total=models.Count("*")).values("total")
        return self.annotate(
            tasks_count=models.functions.Coalesce(
                models.Subquery(count), models.Value(0), output_field=models.BigIntegerField()
            )
        )


class Label(models.Model):
    """A word that tasks of one project carry. Its name is taken by whatever has the same normal form."""

    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="labels"
    )
    name = models.CharField(max_length=LABEL_NAME_LENGTH)
    normal_name = models.GeneratedField(expression=NormalForm("name"), output_field=models.TextField(), db_persist=True)
    # Sorting the labels of each row of a list by the expression would take a quarter of the list's time
    sort_name = models.GeneratedField(
        expression=SortKey("name"), output_field=models.TextField(db_collation="C"), db_persist=True
    )
    color = models.CharField(max_length=7, help_text="#rrggbb, in lower case.")
    description = models.CharField(max_length=LABEL_DESCRIPTION_LENGTH, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = LabelQuerySet.as_manager()

    role: str  # the caller's, from `visible_to`
    tasks_count: int  # from `with_counts`

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["project", "normal_name"], name="label_name_unique_in_project"),
            # The target of the composite foreign key of the tasks that carry it
            models.UniqueConstraint(fields=["id", "project"], name="label_id_with_project"),
            models.CheckConstraint(condition=models.Q(color__regex=r"^#[0-9a-f]{6}$"), name="label_color_is_rrggbb"),
        ]

    def __str__(self) -> str:
        return self.name


class TaskLabel(models.Model):
    """A label on a task. The database ties both to one project: a label of another is impossible."""

    pk = models.CompositePrimaryKey("task_id", "label_id")
    task = models.ForeignKey(
        Task, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="task_labels"
    )
    label = models.ForeignKey(
        Label, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="task_labels"
    )
    project = models.ForeignKey(
        Project, on_delete=models.CASCADE, db_constraint=False, db_index=False, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=["label", "task"], name="task_label_by_label")]

    def __str__(self) -> str:
        return f"Label {self.label_id} on task {self.task_id}"
