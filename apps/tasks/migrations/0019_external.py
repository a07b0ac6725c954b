"""What tasks are elsewhere: nullable columns, and their index built beside the traffic (contract IM1)."""

from django.db import migrations, models

from apps.common.sql.migrations import AddUniqueOnline, OnlineMigration


class Migration(OnlineMigration):
    dependencies = [("tasks", "0018_by_project_and_id")]

    operations = [
        migrations.AddField("task", "external_source", models.CharField(editable=False, max_length=40, null=True)),
        migrations.AddField("task", "external_id", models.CharField(editable=False, max_length=255, null=True)),
        AddUniqueOnline(
            "task",
            models.UniqueConstraint(
                condition=models.Q(("external_id__isnull", False)),
                fields=("project", "external_source", "external_id"),
                name="task_external_unique_in_project",
            ),
        ),
    ]
