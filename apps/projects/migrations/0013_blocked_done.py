"""Whether a blocked task may be done: a setting of the project; what serves now writes the default."""

from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models

from apps.common.sql.migrations import OnlineMigration

NAME = "project_blocked_done_known"


class Migration(OnlineMigration):
    dependencies = [("projects", "0012_new_tasks")]

    operations = [
        migrations.AddField(
            model_name="project",
            name="blocked_done",
            field=models.CharField(
                choices=[("allow", "Allow it"), ("reject", "Reject it")],
                db_default="allow",
                default="allow",
                max_length=10,
            ),
        ),
        AddConstraintNotValid(
            model_name="project",
            constraint=models.CheckConstraint(
                condition=models.Q(("blocked_done__in", ["allow", "reject"])), name=NAME
            ),
        ),
        ValidateConstraint(model_name="project", name=NAME),
    ]
