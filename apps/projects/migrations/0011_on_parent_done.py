"""What a project does with open sub-tasks when their parent is done; what serves now writes the default."""

from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models

from apps.common.sql.migrations import OnlineMigration

NAME = "project_on_parent_done_known"


class Migration(OnlineMigration):
    dependencies = [("projects", "0010_activity_plural")]

    operations = [
        migrations.AddField(
            model_name="project",
            name="on_parent_done",
            field=models.CharField(
                choices=[
                    ("leave", "Leave them as they are"),
                    ("complete", "Set them to done as well"),
                    ("reject", "Reject it while there are any"),
                ],
                db_default="leave",
                default="leave",
                max_length=10,
            ),
        ),
        AddConstraintNotValid(
            model_name="project",
            constraint=models.CheckConstraint(
                condition=models.Q(("on_parent_done__in", ["leave", "complete", "reject"])), name=NAME
            ),
        ),
        ValidateConstraint(model_name="project", name=NAME),
    ]
