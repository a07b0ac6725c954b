"""The database deletes history and memberships with their project, whoever deletes it (contract O7)."""

from django.db import migrations

from apps.common.sql.migrations import OnlineMigration

# The former constraint says the same without the cascade; an interrupted migration may be run again.
IGNORE = "-- squawk-ignore ban-drop-constraint\n"


class Migration(OnlineMigration):
    dependencies = [("projects", "0006_commenter")]

    operations = [
        migrations.RunSQL(
            [
                IGNORE + "ALTER TABLE projects_activity DROP CONSTRAINT IF EXISTS activity_ends_with_project",
                "ALTER TABLE projects_activity ADD CONSTRAINT activity_ends_with_project FOREIGN KEY (project_id)"
                " REFERENCES projects_project (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED NOT VALID",
            ],
            "ALTER TABLE projects_activity DROP CONSTRAINT activity_ends_with_project",
        ),
        migrations.RunSQL("ALTER TABLE projects_activity VALIDATE CONSTRAINT activity_ends_with_project", migrations.RunSQL.noop),
        migrations.RunSQL(
            [IGNORE + 'ALTER TABLE projects_activity DROP CONSTRAINT IF EXISTS "projects_activity_project_id_0e9ae3fa_fk_projects_project_id"'],
            'ALTER TABLE projects_activity ADD CONSTRAINT "projects_activity_project_id_0e9ae3fa_fk_projects_project_id" FOREIGN KEY (project_id)'
            " REFERENCES projects_project (id) DEFERRABLE INITIALLY DEFERRED",
        ),
        migrations.RunSQL(
            [
                IGNORE + "ALTER TABLE projects_membership DROP CONSTRAINT IF EXISTS membership_ends_with_project",
                "ALTER TABLE projects_membership ADD CONSTRAINT membership_ends_with_project FOREIGN KEY (project_id)"
                " REFERENCES projects_project (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED NOT VALID",
            ],
            "ALTER TABLE projects_membership DROP CONSTRAINT membership_ends_with_project",
        ),
        migrations.RunSQL("ALTER TABLE projects_membership VALIDATE CONSTRAINT membership_ends_with_project", migrations.RunSQL.noop),
        migrations.RunSQL(
            [IGNORE + 'ALTER TABLE projects_membership DROP CONSTRAINT IF EXISTS "projects_membership_project_id_5f65bf3f_fk_projects_project_id"'],
            'ALTER TABLE projects_membership ADD CONSTRAINT "projects_membership_project_id_5f65bf3f_fk_projects_project_id" FOREIGN KEY (project_id)'
            " REFERENCES projects_project (id) DEFERRABLE INITIALLY DEFERRED",
        ),
    ]
