"""The mark on a project that is in the trash, whose key is free for another project (contract TR4, M3)."""

import django.db.models.deletion
from django.db import migrations, models

from apps.common.sql.migrations import OnlineMigration


class Migration(OnlineMigration):
    dependencies = [("projects", "0008_trash")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddField(
                    "project",
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
                    "ALTER TABLE projects_project ADD COLUMN trash_id bigint",
                    "ALTER TABLE projects_project DROP COLUMN trash_id",
                ),
                migrations.RunSQL(
                    "ALTER TABLE projects_project ADD CONSTRAINT project_trash_exists FOREIGN KEY (trash_id) "
                    "REFERENCES projects_trashentry (id) DEFERRABLE INITIALLY DEFERRED NOT VALID",
                    "ALTER TABLE projects_project DROP CONSTRAINT project_trash_exists",
                ),
                migrations.RunSQL(
                    "ALTER TABLE projects_project VALIDATE CONSTRAINT project_trash_exists", migrations.RunSQL.noop
                ),
            ],
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddConstraint(
                    "project",
                    models.UniqueConstraint(
                        condition=models.Q(("trash", None)), fields=("owner", "key"), name="project_key_free_for_owner"
                    ),
                ),
                migrations.RemoveConstraint("project", "project_key_unique_for_owner"),
            ],
            database_operations=[
                migrations.RunSQL(
                    [
                        "DROP INDEX CONCURRENTLY IF EXISTS project_key_free_for_owner",
                        "CREATE UNIQUE INDEX CONCURRENTLY project_key_free_for_owner "
                        "ON projects_project (owner_id, key) WHERE trash_id IS NULL",
                    ],
                    "DROP INDEX CONCURRENTLY project_key_free_for_owner",
                ),
                migrations.RunSQL(
                    [
                        "-- squawk-ignore ban-drop-constraint\n"
                        "ALTER TABLE projects_project DROP CONSTRAINT project_key_unique_for_owner"
                    ],
                    migrations.RunSQL.noop,
                ),
            ],
        ),
    ]
