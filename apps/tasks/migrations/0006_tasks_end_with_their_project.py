"""The database deletes tasks with their project, whoever deletes it (contract O7)."""

from django.db import migrations

from apps.common.sql.migrations import OnlineMigration

# The former constraint says the same without the cascade; an interrupted migration may be run again.
IGNORE = "-- squawk-ignore ban-drop-constraint\n"


class Migration(OnlineMigration):
    dependencies = [("tasks", "0005_sorted_titles"), ("projects", "0001_initial")]

    operations = [
        migrations.RunSQL(
            [
                IGNORE + "ALTER TABLE tasks_task DROP CONSTRAINT IF EXISTS task_ends_with_project",
                "ALTER TABLE tasks_task ADD CONSTRAINT task_ends_with_project FOREIGN KEY (project_id)"
                " REFERENCES projects_project (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED NOT VALID",
            ],
            "ALTER TABLE tasks_task DROP CONSTRAINT task_ends_with_project",
        ),
        migrations.RunSQL("ALTER TABLE tasks_task VALIDATE CONSTRAINT task_ends_with_project", migrations.RunSQL.noop),
        migrations.RunSQL(
            [IGNORE + 'ALTER TABLE tasks_task DROP CONSTRAINT IF EXISTS "tasks_task_project_id_a2815f0c_fk_projects_project_id"'],
            'ALTER TABLE tasks_task ADD CONSTRAINT "tasks_task_project_id_a2815f0c_fk_projects_project_id" FOREIGN KEY (project_id)'
            " REFERENCES projects_project (id) DEFERRABLE INITIALLY DEFERRED",
        ),
    ]
