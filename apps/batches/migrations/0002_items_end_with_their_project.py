"""The database deletes what became of a task with the project, whoever deletes it (contract O7)."""

from django.db import migrations

from apps.common.sql.migrations import OnlineMigration


class Migration(OnlineMigration):
    dependencies = [("batches", "0001_initial"), ("projects", "0010_activity_plural")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveIndex("batchitem", "batch_item_by_task")],
            database_operations=[
                migrations.RunSQL(
                    ["DROP INDEX CONCURRENTLY IF EXISTS batch_item_by_task"],
                    ["CREATE INDEX CONCURRENTLY IF NOT EXISTS batch_item_by_task ON batches_batchitem (task_id)"],
                )
            ],
        ),
        migrations.RunSQL(
            [
                "ALTER TABLE batches_batchitem ADD CONSTRAINT batch_item_ends_with_project FOREIGN KEY (project_id)"
                " REFERENCES projects_project (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED NOT VALID",
            ],
            "ALTER TABLE batches_batchitem DROP CONSTRAINT batch_item_ends_with_project",
        ),
        migrations.RunSQL(
            "ALTER TABLE batches_batchitem VALIDATE CONSTRAINT batch_item_ends_with_project", migrations.RunSQL.noop
        ),
    ]
