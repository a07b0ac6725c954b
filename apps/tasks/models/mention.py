"""The table of people named in comments and in descriptions of tasks."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from apps.tasks.models.comment import Comment
from apps.tasks.models.task import Task


class Mention(models.Model):
    """A person named in a comment, or in the task's description where `comment` is null.

    A row outlives the name's removal from the text (`is_current` false): who was mentioned once is not notified again.
    """

    task = models.ForeignKey(
        Task, on_delete=models.DO_NOTHING, db_constraint=False, db_index=False, related_name="mentions"
    )
    comment = models.ForeignKey(
        Comment, on_delete=models.DO_NOTHING, db_constraint=False, null=True, related_name="mentions"
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    name_as_written = models.CharField(max_length=1_000, help_text="Empty once it is no longer in the text.")
    is_current = models.BooleanField(default=True)
    position = models.PositiveIntegerField(default=0, help_text="Of the first occurrence among the people named.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["task", "comment", "user"], nulls_distinct=False, name="mention_once_per_text_and_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in a text of task {self.task_id}"
