"""The table of trash entries (contract TR)."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("projects", "0007_rows_end_with_their_project"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="TrashEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("type", models.CharField(choices=[("task", "Task"), ("project", "Project")], max_length=10)),
                ("root_id", models.BigIntegerField()),
                ("batch_id", models.UUIDField(null=True)),
                ("deleted_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("purge_at", models.DateTimeField()),
                ("tasks_count", models.PositiveBigIntegerField(default=0)),
                ("attachments_bytes", models.PositiveBigIntegerField(default=0)),
                ("origin", models.CharField(max_length=10)),
                (
                    "deleted_by",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="trash_entries",
                        to="projects.project",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "trash entries",
                "indexes": [
                    models.Index(fields=["purge_at"], name="trash_by_purge"),
                    models.Index(fields=["project", "deleted_at"], name="trash_by_project"),
                ],
            },
        ),
        migrations.RunSQL(
            [
                "-- squawk-ignore adding-foreign-key-constraint,constraint-missing-not-valid\n"
                "ALTER TABLE projects_trashentry ADD CONSTRAINT trash_entry_ends_with_project FOREIGN KEY (project_id) "
                "REFERENCES projects_project (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED"
            ],
            "ALTER TABLE projects_trashentry DROP CONSTRAINT trash_entry_ends_with_project",
        ),
    ]
