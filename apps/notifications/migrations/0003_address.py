"""Mails to addresses without an account: a row has a recipient or an address."""

import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models

from apps.common.sql.migrations import OnlineMigration

NAME = "notification_to_one"


class Migration(OnlineMigration):
    dependencies = [
        ("notifications", "0002_hold_covers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="notification",
            name="address",
            field=models.CharField(blank=True, db_default="", default="", max_length=254),
        ),
        # Django would make the foreign key anew, and check every row of the table for it
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "-- squawk-ignore ban-drop-not-null\n"
                    "ALTER TABLE notifications_notification ALTER COLUMN recipient_id DROP NOT NULL",
                    "DELETE FROM notifications_notification WHERE recipient_id IS NULL;"
                    "ALTER TABLE notifications_notification ALTER COLUMN recipient_id SET NOT NULL",
                )
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="notification",
                    name="recipient",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notifications",
                        to=settings.AUTH_USER_MODEL,
                    ),
                )
            ],
        ),
        AddConstraintNotValid(
            model_name="notification",
            constraint=models.CheckConstraint(
                condition=models.Q(("recipient__isnull", True)) ^ models.Q(("address", "")), name=NAME
            ),
        ),
        ValidateConstraint(model_name="notification", name=NAME),
    ]
