"""Imports are batches, which can be undone."""

from django.db import migrations, models

from apps.common.sql.migrations import OnlineMigration

ACTIONS = ["update", "move", "archive", "unarchive", "delete", "complete", "create", "restore", "undo", "import"]
KNOWN = ", ".join(f"'{action}'" for action in ACTIONS)
# The new constraint is checked before the old one goes
IGNORE = "-- squawk-ignore ban-drop-constraint\n"


class Migration(OnlineMigration):
    dependencies = [("batches", "0002_items_end_with_their_project")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    "batch",
                    "action",
                    models.CharField(
                        choices=[(action, action.capitalize()) for action in ACTIONS],
                        max_length=10,
                    ),
                ),
                migrations.RemoveConstraint("batch", "batch_action_known"),
                migrations.AddConstraint(
                    "batch",
                    models.CheckConstraint(
                        condition=models.Q(("action__in", ACTIONS)), name="batch_action_known"
                    ),
                ),
            ],
            database_operations=[
                migrations.RunSQL(
                    f"ALTER TABLE batches_batch ADD CONSTRAINT batch_action_known_now CHECK (action IN ({KNOWN})) NOT VALID",
                    "ALTER TABLE batches_batch DROP CONSTRAINT IF EXISTS batch_action_known_now",
                ),
                migrations.RunSQL(
                    "ALTER TABLE batches_batch VALIDATE CONSTRAINT batch_action_known_now", migrations.RunSQL.noop
                ),
                migrations.RunSQL(
                    [IGNORE + "ALTER TABLE batches_batch DROP CONSTRAINT batch_action_known"], migrations.RunSQL.noop
                ),
                migrations.RunSQL(
                    ["-- squawk-ignore renaming-object\nALTER TABLE batches_batch"
                     " RENAME CONSTRAINT batch_action_known_now TO batch_action_known"],
                    migrations.RunSQL.noop,
                ),
            ],
        ),
    ]
