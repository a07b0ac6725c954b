"""A task may stand below another of its project; what serves now writes roots, and counts nothing.

The foreign key is checked at commit, so that a whole tree can move to another project.
"""

import django.db.models.deletion
from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models

from apps.common.sql.migrations import AddIndexOnline, OnlineMigration


class Migration(OnlineMigration):
    dependencies = [("tasks", "0008_fill_words"), ("projects", "0011_on_parent_done")]

    operations = [
        migrations.AddField(
            model_name="task",
            name="parent",
            field=models.ForeignKey(
                blank=True,
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="children",
                to="tasks.task",
            ),
        ),
        migrations.AddField(
            model_name="task",
            name="subtasks_total",
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AddField(
            model_name="task",
            name="subtasks_done",
            field=models.PositiveIntegerField(db_default=0, default=0, editable=False),
        ),
        migrations.AddField(
            model_name="task", name="archive_batch", field=models.UUIDField(editable=False, null=True)
        ),
        migrations.RunSQL(
            "ALTER TABLE tasks_task ADD CONSTRAINT task_parent_in_its_project FOREIGN KEY (parent_id, project_id) "
            "REFERENCES tasks_task (id, project_id) ON DELETE SET NULL (parent_id) DEFERRABLE INITIALLY DEFERRED "
            "NOT VALID",
            "ALTER TABLE tasks_task DROP CONSTRAINT IF EXISTS task_parent_in_its_project",
        ),
        migrations.RunSQL(
            "ALTER TABLE tasks_task VALIDATE CONSTRAINT task_parent_in_its_project", migrations.RunSQL.noop
        ),
        AddConstraintNotValid(
            model_name="task",
            constraint=models.CheckConstraint(
                condition=models.Q(("parent", None))
                | models.Q(("parent", models.F("id")), _negated=True),
                name="task_not_its_own_parent",
            ),
        ),
        ValidateConstraint(model_name="task", name="task_not_its_own_parent"),
        AddConstraintNotValid(
            model_name="task",
            constraint=models.CheckConstraint(
                condition=models.Q(("subtasks_done__lte", models.F("subtasks_total"))),
                name="task_subtasks_done_of_total",
            ),
        ),
        ValidateConstraint(model_name="task", name="task_subtasks_done_of_total"),
        AddIndexOnline(
            "task",
            models.Index(condition=models.Q(("parent__isnull", False)), fields=["parent"], name="task_by_parent"),
        ),
    ]
