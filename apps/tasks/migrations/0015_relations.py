"""Relations between tasks; the database deletes them with either task, and moves them with it (contract O7)."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models
from django.db.models.functions import Greatest, Least

KINDS = ["blocks", "relates", "duplicates"]
CHOICES = [("blocks", "Blocks"), ("relates", "Relates to"), ("duplicates", "Duplicates")]


def end(column: str) -> migrations.RunSQL:
    """Return the operation that ties one end to a task of its project. The table is new: a check takes no time."""
    name = f"relation_{column}_in_its_project"
    return migrations.RunSQL(
        "-- squawk-ignore adding-foreign-key-constraint,constraint-missing-not-valid\n"
        f"ALTER TABLE tasks_relation ADD CONSTRAINT {name} FOREIGN KEY ({column}_id, {column}_project_id) "
        "REFERENCES tasks_task (id, project_id) ON UPDATE CASCADE ON DELETE CASCADE",
        f"ALTER TABLE tasks_relation DROP CONSTRAINT {name}",
    )


def reference(to: str, **options) -> models.ForeignKey:
    """Return a reference whose constraint is made by `end`."""
    return models.ForeignKey(db_constraint=False, db_index=False, related_name="+", to=to, **options)


class Migration(migrations.Migration):
    dependencies = [
        ("tasks", "0014_watch"),
        ("projects", "0011_on_parent_done"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Relation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(choices=CHOICES, max_length=10)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "created_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("from_project", reference("projects.project", on_delete=django.db.models.deletion.CASCADE)),
                (
                    "from_task",
                    reference("tasks.task", on_delete=django.db.models.deletion.DO_NOTHING, db_column="from_id"),
                ),
                ("to_project", reference("projects.project", on_delete=django.db.models.deletion.CASCADE)),
                (
                    "to_task",
                    reference("tasks.task", on_delete=django.db.models.deletion.DO_NOTHING, db_column="to_id"),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["from_task", "kind"], name="relation_by_from"),
                    models.Index(fields=["to_task", "kind"], name="relation_by_to"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("kind__in", KINDS)), name="relation_kind_known"),
                    models.CheckConstraint(
                        condition=models.Q(("from_task", models.F("to_task")), _negated=True),
                        name="relation_between_two_tasks",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "relates"), _negated=True),
                            ("from_task__lt", models.F("to_task")),
                            _connector="OR",
                        ),
                        name="relation_relates_from_the_lower_id",
                    ),
                    models.UniqueConstraint(
                        models.F("kind"),
                        Least("from_task", "to_task"),
                        Greatest("from_task", "to_task"),
                        name="relation_once_per_kind_and_pair",
                    ),
                ],
            },
        ),
        end("from"),
        end("to"),
    ]
