"""What people chose to hear of tasks and projects; rows end with their membership and follow their task.

No rows are made for existing tasks: creator and assignee watch without one (contract WA1, M4).
"""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

# The table is new: a check of no rows takes no time.
IGNORE = "-- squawk-ignore adding-foreign-key-constraint,constraint-missing-not-valid\n"


def foreign_key(name: str, columns: str, target: str) -> migrations.RunSQL:
    """Return the operation that adds a foreign key which only the database knows."""
    return migrations.RunSQL(
        f"{IGNORE}ALTER TABLE tasks_watch ADD CONSTRAINT {name} FOREIGN KEY ({columns}) REFERENCES {target}",
        f"ALTER TABLE tasks_watch DROP CONSTRAINT {name}",
    )


def reference(to: str, **options) -> models.ForeignKey:
    """Return a reference whose constraint, if it needs one, is made by `foreign_key`."""
    options = {"on_delete": django.db.models.deletion.DO_NOTHING, "related_name": "watches"} | options
    return models.ForeignKey(db_constraint=False, db_index=False, to=to, **options)


class Migration(migrations.Migration):
    dependencies = [
        ("tasks", "0013_rank_constraints"),
        ("projects", "0011_on_parent_done"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Watch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "level",
                    models.CharField(
                        choices=[
                            ("all", "Everything"),
                            ("participating", "Tasks that are theirs or that they watch"),
                            ("none", "Mentions and assignments"),
                            ("muted", "Assignments only"),
                        ],
                        max_length=15,
                    ),
                ),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("assigned", "Has the task"),
                            ("created", "Created the task"),
                            ("self", "Chose to"),
                            ("added", "Was added by somebody"),
                            ("mentioned", "Was mentioned"),
                            ("commented", "Commented"),
                        ],
                        max_length=10,
                    ),
                ),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "added_by",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("project", reference("projects.project", on_delete=django.db.models.deletion.CASCADE)),
                ("task", reference("tasks.task", null=True)),
                ("user", reference(settings.AUTH_USER_MODEL)),
            ],
            options={
                "verbose_name_plural": "watches",
                "indexes": [
                    models.Index(fields=["task"], name="watch_by_task"),
                    models.Index(fields=["project", "user"], name="watch_by_project_person"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("task__isnull", False)), fields=("user", "task"), name="watch_once_per_task"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("task", None)), fields=("user", "project"), name="watch_once_per_project"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("level__in", ("all", "none", "muted")), ("task__isnull", False)),
                            models.Q(("level__in", ("all", "participating", "muted")), ("task", None)),
                            _connector="OR",
                        ),
                        name="watch_level_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reason__in", ["assigned", "created", "self", "added", "mentioned", "commented"])
                        ),
                        name="watch_reason_known",
                    ),
                ],
            },
        ),
        foreign_key(
            "watch_by_a_member",
            "project_id, user_id",
            "projects_membership (project_id, user_id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED",
        ),
        foreign_key(
            "watch_in_its_tasks_project",
            "task_id, project_id",
            "tasks_task (id, project_id) ON UPDATE CASCADE ON DELETE CASCADE",
        ),
    ]
