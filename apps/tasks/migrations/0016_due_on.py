"""The day on which a task is due, for tasks that are due on a day without a time (contract DU)."""

from datetime import date

import django.core.validators
from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models

from apps.common.sql.migrations import OnlineMigration


class Migration(OnlineMigration):
    dependencies = [("tasks", "0015_relations")]

    operations = [
        migrations.AddField(
            "task",
            "due_on",
            models.DateField(
                blank=True,
                help_text="The day, when there is no time; due_date is its end.",
                null=True,
                validators=[
                    django.core.validators.MinValueValidator(date(1900, 1, 1)),
                    django.core.validators.MaxValueValidator(date(9999, 12, 30)),
                ],
            ),
        ),
        AddConstraintNotValid(
            "task",
            models.CheckConstraint(
                condition=models.Q(due_on=None) | models.Q(due_date__isnull=False), name="task_due_on_has_its_due_date"
            ),
        ),
        ValidateConstraint("task", "task_due_on_has_its_due_date"),
    ]
