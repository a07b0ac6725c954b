"""What must hold of ranks, without a lock that lasts: NOT NULL by a check that was validated, indexes built online."""

from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models.constraints import Deferrable

from apps.common.sql.migrations import AddIndexOnline, OnlineMigration

# The column says NOT NULL by then: the check that let it do so without a scan is no longer needed.
IGNORE = "-- squawk-ignore ban-drop-constraint\n"


class Migration(OnlineMigration):
    dependencies = [("tasks", "0012_fill_ranks")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE tasks_task ADD CONSTRAINT task_rank_set CHECK (rank IS NOT NULL) NOT VALID",
            "ALTER TABLE tasks_task DROP CONSTRAINT IF EXISTS task_rank_set",
        ),
        migrations.RunSQL("ALTER TABLE tasks_task VALIDATE CONSTRAINT task_rank_set", migrations.RunSQL.noop),
        migrations.RunSQL(
            "ALTER TABLE tasks_task ALTER COLUMN rank SET NOT NULL",
            "ALTER TABLE tasks_task ALTER COLUMN rank DROP NOT NULL",
        ),
        migrations.RunSQL(
            [IGNORE + "ALTER TABLE tasks_task DROP CONSTRAINT task_rank_set"], migrations.RunSQL.noop
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    "task", "rank", models.TextField(db_collation="C", default=None, editable=False)
                ),
                migrations.AddConstraint(
                    "task",
                    models.UniqueConstraint(
                        deferrable=Deferrable["DEFERRED"],
                        fields=("project", "rank"),
                        name="task_rank_unique_in_project",
                    ),
                ),
            ],
            database_operations=[
                migrations.RunSQL(
                    sql=[
                        # To build beside the traffic is to wait, which blocks nobody; see AddIndexOnline
                        "SET lock_timeout = 0",
                        "DROP INDEX CONCURRENTLY IF EXISTS task_rank_unique_in_project",
                        "CREATE UNIQUE INDEX CONCURRENTLY task_rank_unique_in_project ON tasks_task (project_id, rank)",
                        "RESET lock_timeout",
                    ],
                    reverse_sql="DROP INDEX CONCURRENTLY IF EXISTS task_rank_unique_in_project",
                ),
                migrations.RunSQL(
                    "ALTER TABLE tasks_task ADD CONSTRAINT task_rank_unique_in_project UNIQUE "
                    "USING INDEX task_rank_unique_in_project DEFERRABLE INITIALLY DEFERRED",
                    "ALTER TABLE tasks_task DROP CONSTRAINT task_rank_unique_in_project",
                ),
            ],
        ),
        AddIndexOnline(
            "task",
            models.Index(condition=models.Q(trash=None), fields=["project", "rank"], name="task_kept_by_rank"),
        ),
        # The children of a task in their order, in place of the index without it
        AddIndexOnline(
            "task",
            models.Index(
                condition=models.Q(("parent__isnull", False)), fields=["parent", "rank"], name="task_by_parent_rank"
            ),
        ),
        RemoveIndexConcurrently("task", "task_by_parent"),
    ]
