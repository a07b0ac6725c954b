"""What must hold of the event log, without a lock that lasts: checks validated apart, indexes built beside the writes."""

from django.db import migrations, models

from apps.common.sql.migrations import AddIndexOnline, OnlineMigration

# The column says NOT NULL by then: the check that let it do so without a scan is no longer needed.
IGNORE = "-- squawk-ignore ban-drop-constraint\n"


class Migration(OnlineMigration):
    dependencies = [("projects", "0004_number_events")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE projects_project ADD CONSTRAINT project_last_seq_set CHECK (last_seq IS NOT NULL) NOT VALID",
            "ALTER TABLE projects_project DROP CONSTRAINT IF EXISTS project_last_seq_set",
        ),
        migrations.RunSQL("ALTER TABLE projects_project VALIDATE CONSTRAINT project_last_seq_set", migrations.RunSQL.noop),
        migrations.RunSQL(
            "ALTER TABLE projects_project ALTER COLUMN last_seq SET NOT NULL",
            "ALTER TABLE projects_project ALTER COLUMN last_seq DROP NOT NULL",
        ),
        migrations.RunSQL([IGNORE + "ALTER TABLE projects_project DROP CONSTRAINT project_last_seq_set"], migrations.RunSQL.noop),
        migrations.RunSQL(
            "ALTER TABLE projects_activity ADD CONSTRAINT activity_seq_set CHECK (seq IS NOT NULL) NOT VALID",
            "ALTER TABLE projects_activity DROP CONSTRAINT IF EXISTS activity_seq_set",
        ),
        migrations.RunSQL("ALTER TABLE projects_activity VALIDATE CONSTRAINT activity_seq_set", migrations.RunSQL.noop),
        migrations.RunSQL(
            "ALTER TABLE projects_activity ALTER COLUMN seq SET NOT NULL",
            "ALTER TABLE projects_activity ALTER COLUMN seq DROP NOT NULL",
        ),
        migrations.RunSQL([IGNORE + "ALTER TABLE projects_activity DROP CONSTRAINT activity_seq_set"], migrations.RunSQL.noop),
        migrations.RunSQL(
            "ALTER TABLE projects_activity ADD CONSTRAINT activity_event_id_set CHECK (event_id IS NOT NULL) NOT VALID",
            "ALTER TABLE projects_activity DROP CONSTRAINT IF EXISTS activity_event_id_set",
        ),
        migrations.RunSQL("ALTER TABLE projects_activity VALIDATE CONSTRAINT activity_event_id_set", migrations.RunSQL.noop),
        migrations.RunSQL(
            "ALTER TABLE projects_activity ALTER COLUMN event_id SET NOT NULL",
            "ALTER TABLE projects_activity ALTER COLUMN event_id DROP NOT NULL",
        ),
        migrations.RunSQL([IGNORE + "ALTER TABLE projects_activity DROP CONSTRAINT activity_event_id_set"], migrations.RunSQL.noop),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    "project", "last_seq", models.PositiveBigIntegerField(default=0, db_default=0, editable=False)
                ),
                migrations.AlterField("activity", "seq", models.PositiveBigIntegerField()),
                migrations.AlterField("activity", "event_id", models.UUIDField()),
            ]
        ),
        migrations.RunSQL(
            [
                "DROP INDEX CONCURRENTLY IF EXISTS activity_seq_unique_in_project",
                "CREATE UNIQUE INDEX CONCURRENTLY activity_seq_unique_in_project ON projects_activity (project_id, seq)",
            ],
            "DROP INDEX CONCURRENTLY IF EXISTS activity_seq_unique_in_project",
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddConstraint("activity", models.UniqueConstraint(fields=["project", "seq"], name="activity_seq_unique_in_project"))
            ],
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE projects_activity ADD CONSTRAINT activity_seq_unique_in_project UNIQUE USING INDEX activity_seq_unique_in_project",
                    "ALTER TABLE projects_activity DROP CONSTRAINT activity_seq_unique_in_project",
                )
            ],
        ),
        migrations.RunSQL(
            [
                "DROP INDEX CONCURRENTLY IF EXISTS activity_event_id_unique",
                "CREATE UNIQUE INDEX CONCURRENTLY activity_event_id_unique ON projects_activity (event_id)",
            ],
            "DROP INDEX CONCURRENTLY IF EXISTS activity_event_id_unique",
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddConstraint("activity", models.UniqueConstraint(fields=["event_id"], name="activity_event_id_unique"))
            ],
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE projects_activity ADD CONSTRAINT activity_event_id_unique UNIQUE USING INDEX activity_event_id_unique",
                    "ALTER TABLE projects_activity DROP CONSTRAINT activity_event_id_unique",
                )
            ],
        ),
        AddIndexOnline(
            "activity",
            models.Index(condition=models.Q(("published_at", None)), fields=["project", "seq"], name="activity_unpublished"),
        ),
        AddIndexOnline(
            "activity",
            models.Index(condition=models.Q(("batch_id__isnull", False)), fields=["batch_id"], name="activity_by_batch"),
        ),
    ]
