"""Labels, and the tasks that carry them; the database ties a task and its labels to one project (contract LA).

Rows go with their task, label or project; those of a task that moves follow it, and are checked at the commit.
"""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

from apps.common.text.normal_form import NormalForm
from apps.common.text.sorting import SortKey

# The tables are new: a check of no rows takes no time.
IGNORE = "-- squawk-ignore adding-foreign-key-constraint,constraint-missing-not-valid\n"


def foreign_key(table: str, name: str, columns: str, target: str) -> migrations.RunSQL:
    """Return the operation that adds a foreign key which only the database knows."""
    return migrations.RunSQL(
        f"{IGNORE}ALTER TABLE {table} ADD CONSTRAINT {name} FOREIGN KEY ({columns}) REFERENCES {target}"
        " ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED",
        f"ALTER TABLE {table} DROP CONSTRAINT {name}",
    )


def reference(to: str, **options) -> models.ForeignKey:
    """Return a reference whose constraint is made by `foreign_key`."""
    options = {"on_delete": django.db.models.deletion.DO_NOTHING} | options
    return models.ForeignKey(db_constraint=False, db_index=False, to=to, **options)


class Migration(migrations.Migration):
    dependencies = [
        ("common", "0003_sort_key"),
        ("projects", "0010_activity_plural"),
        ("tasks", "0009_parent"),
    ]

    operations = [
        migrations.CreateModel(
            name="Label",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=50)),
                (
                    "normal_name",
                    models.GeneratedField(
                        db_persist=True, expression=NormalForm("name"), output_field=models.TextField()
                    ),
                ),
                (
                    "sort_name",
                    models.GeneratedField(
                        db_persist=True,
                        expression=SortKey("name"),
                        output_field=models.TextField(db_collation="C"),
                    ),
                ),
                ("color", models.CharField(help_text="#rrggbb, in lower case.", max_length=7)),
                ("description", models.CharField(blank=True, max_length=200)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "project",
                    reference(
                        "projects.project", on_delete=django.db.models.deletion.CASCADE, related_name="labels"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("project", "normal_name"), name="label_name_unique_in_project"),
                    models.UniqueConstraint(fields=("id", "project"), name="label_id_with_project"),
                    models.CheckConstraint(
                        condition=models.Q(("color__regex", "^#[0-9a-f]{6}$")), name="label_color_is_rrggbb"
                    ),
                ],
            },
        ),
        foreign_key("tasks_label", "label_ends_with_project", "project_id", "projects_project (id)"),
        migrations.CreateModel(
            name="TaskLabel",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "task_id", "label_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("task", reference("tasks.task", related_name="task_labels")),
                ("label", reference("tasks.label", related_name="task_labels")),
                (
                    "project",
                    reference("projects.project", on_delete=django.db.models.deletion.CASCADE, related_name="+"),
                ),
            ],
            options={"indexes": [models.Index(fields=["label", "task"], name="task_label_by_label")]},
        ),
        foreign_key(
            "tasks_tasklabel",
            "task_label_in_its_tasks_project",
            "task_id, project_id",
            "tasks_task (id, project_id) ON UPDATE CASCADE",
        ),
        foreign_key(
            "tasks_tasklabel", "task_label_in_its_labels_project", "label_id, project_id", "tasks_label (id, project_id)"
        ),
    ]
