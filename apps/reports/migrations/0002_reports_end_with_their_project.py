"""The database deletes reports with their project, whoever deletes it (contract O7)."""

from django.db import migrations

from apps.common.sql.migrations import OnlineMigration

# The former constraint says the same without the cascade; an interrupted migration may be run again.
IGNORE = "-- squawk-ignore ban-drop-constraint\n"


class Migration(OnlineMigration):
    dependencies = [("reports", "0001_initial"), ("projects", "0001_initial")]

    operations = [
        migrations.RunSQL(
            [
                IGNORE + "ALTER TABLE reports_report DROP CONSTRAINT IF EXISTS report_ends_with_project",
                "ALTER TABLE reports_report ADD CONSTRAINT report_ends_with_project FOREIGN KEY (project_id)"
                " REFERENCES projects_project (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED NOT VALID",
            ],
            "ALTER TABLE reports_report DROP CONSTRAINT report_ends_with_project",
        ),
        migrations.RunSQL("ALTER TABLE reports_report VALIDATE CONSTRAINT report_ends_with_project", migrations.RunSQL.noop),
        migrations.RunSQL(
            [IGNORE + 'ALTER TABLE reports_report DROP CONSTRAINT IF EXISTS "reports_report_project_id_8c592e0e_fk_projects_project_id"'],
            'ALTER TABLE reports_report ADD CONSTRAINT "reports_report_project_id_8c592e0e_fk_projects_project_id" FOREIGN KEY (project_id)'
            " REFERENCES projects_project (id) DEFERRABLE INITIALLY DEFERRED",
        ),
    ]
