"""The language that a person chooses for pages and mails; empty for that of the browser."""

from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models

from apps.common.sql.migrations import OnlineMigration


class Migration(OnlineMigration):
    dependencies = [("users", "0008_looks_of_pages")]

    operations = [
        migrations.AddField(
            "user",
            "language",
            models.CharField(
                max_length=10,
                choices=[("", "As the browser says"), ("en", "English"), ("de", "Deutsch")],
                default="",
                db_default="",
                blank=True,
            ),
        ),
        AddConstraintNotValid(
            "user",
            models.CheckConstraint(condition=models.Q(language__in=["", "en", "de"]), name="user_language_known"),
        ),
        ValidateConstraint("user", "user_language_known"),
    ]
