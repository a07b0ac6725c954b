"""The end of the manual order that new tasks go to (contract RK7)."""

from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models

from apps.common.sql.migrations import OnlineMigration

CHOICES = [("last", "Last"), ("first", "First")]


class Migration(OnlineMigration):
    dependencies = [("projects", "0011_on_parent_done")]

    operations = [
        migrations.AddField(
            "project",
            "new_tasks",
            models.CharField(choices=CHOICES, db_default="last", default="last", max_length=10),
        ),
        AddConstraintNotValid(
            "project",
            models.CheckConstraint(condition=models.Q(new_tasks__in=["last", "first"]), name="project_new_tasks_known"),
        ),
        ValidateConstraint("project", "project_new_tasks_known"),
    ]
