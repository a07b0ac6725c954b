"""The role `commenter`: the check that knows it is validated before the one that does not goes (contract M4)."""

from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models

from apps.common.sql.migrations import OnlineMigration

ROLES = ["viewer", "commenter", "member", "admin", "owner"]
CHOICES = [(role, role.capitalize()) for role in ROLES]


class Migration(OnlineMigration):
    dependencies = [("projects", "0005_event_log_constraints")]

    operations = [
        migrations.AlterField("membership", "role", models.CharField(choices=CHOICES, max_length=10)),
        AddConstraintNotValid(
            "membership",
            models.CheckConstraint(condition=models.Q(role__in=ROLES), name="membership_role_is_known"),
        ),
        ValidateConstraint("membership", "membership_role_is_known"),
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveConstraint("membership", "membership_role_known")],
            database_operations=[
                migrations.RunSQL(
                    [
                        "-- squawk-ignore ban-drop-constraint\n"
                        "ALTER TABLE projects_membership DROP CONSTRAINT membership_role_known"
                    ],
                    migrations.RunSQL.noop,
                )
            ],
        ),
    ]
