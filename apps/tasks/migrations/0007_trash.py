"""The mark on a task that is in the trash; the indexes that lists read leave the trash out (contract M3).

The new indexes are built beside the writes before the old ones go.
"""

import django.db.models.deletion
from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models.functions import Coalesce

import apps.common.lists.ordering
from apps.common.sql.migrations import AddIndexOnline, OnlineMigration
from apps.common.text.sorting import SortKey

KEPT = models.Q(trash=None)


def due(*columns, name):
    infinity = apps.common.lists.ordering.Infinity()
    return models.Index(*columns, Coalesce("due_date", infinity), "id", condition=KEPT, name=name)


class Migration(OnlineMigration):
    dependencies = [("tasks", "0006_tasks_end_with_their_project"), ("projects", "0009_project_in_trash")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddField(
                    "task",
                    "trash",
                    models.ForeignKey(
                        db_index=False,
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="projects.trashentry",
                    ),
                )
            ],
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE tasks_task ADD COLUMN trash_id bigint",
                    "ALTER TABLE tasks_task DROP COLUMN trash_id",
                ),
                migrations.RunSQL(
                    "ALTER TABLE tasks_task ADD CONSTRAINT task_trash_exists FOREIGN KEY (trash_id) "
                    "REFERENCES projects_trashentry (id) DEFERRABLE INITIALLY DEFERRED NOT VALID",
                    "ALTER TABLE tasks_task DROP CONSTRAINT task_trash_exists",
                ),
                migrations.RunSQL(
                    "ALTER TABLE tasks_task VALIDATE CONSTRAINT task_trash_exists", migrations.RunSQL.noop
                ),
            ],
        ),
        AddIndexOnline(
            "task",
            models.Index(condition=models.Q(("trash__isnull", False)), fields=["trash"], name="task_in_trash"),
        ),
        AddIndexOnline(
            "task",
            models.Index(condition=KEPT, fields=["project", "created_at", "id"], name="task_kept_by_created"),
        ),
        AddIndexOnline("task", due("project", name="task_kept_by_due")),
        AddIndexOnline("task", due("assigned_to", name="task_kept_by_assignee_due")),
        AddIndexOnline(
            "task",
            models.Index(
                condition=KEPT & models.Q(archived_at=None, due_date__isnull=False) & ~models.Q(status="done"),
                fields=["due_date", "id"],
                name="task_kept_open_by_due",
            ),
        ),
        AddIndexOnline(
            "task", models.Index("project", SortKey("title"), "id", condition=KEPT, name="task_kept_by_title")
        ),
        RemoveIndexConcurrently("task", "task_by_project_title"),
        RemoveIndexConcurrently("task", "task_by_project_created"),
        RemoveIndexConcurrently("task", "task_by_project_due"),
        RemoveIndexConcurrently("task", "task_by_assignee_due"),
        RemoveIndexConcurrently("task", "task_open_by_due"),
    ]
