"""Indexes for copies of projects, which are read by id (contract SY3)."""

from django.db import models

from apps.common.sql.migrations import AddIndexOnline, OnlineMigration


class Migration(OnlineMigration):
    dependencies = [("tasks", "0017_saved_views")]

    operations = [
        AddIndexOnline(
            "task", models.Index(fields=["project", "id"], condition=models.Q(trash=None), name="task_kept_by_id")
        ),
        AddIndexOnline("comment", models.Index(fields=["project", "id"], name="comment_by_project")),
        AddIndexOnline("relation", models.Index(fields=["from_project", "id"], name="relation_by_from_project")),
        AddIndexOnline("relation", models.Index(fields=["to_project", "id"], name="relation_by_to_project")),
        AddIndexOnline(
            "attachment",
            models.Index(
                fields=["project", "id"], condition=models.Q(state="ready"), name="attachment_ready_by_project"
            ),
        ),
    ]
