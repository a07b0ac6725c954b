"""Take the status out of the index that reminders read.

A column in the condition of an index counts as indexed: each change of status wrote all indexes of tasks anew, two of
words among them. Without it PostgreSQL writes none where the page has room (HOT).
"""

from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import models

from apps.common.sql.migrations import AddIndexOnline, OnlineMigration


class Migration(OnlineMigration):
    dependencies = [("tasks", "0020_words_by_project")]

    operations = [
        AddIndexOnline(
            "task",
            models.Index(
                fields=["due_date", "id"],
                condition=models.Q(trash=None) & models.Q(due_date__isnull=False),
                name="task_kept_with_date",
            ),
        ),
        RemoveIndexConcurrently("task", "task_kept_open_by_due"),
    ]
