"""What a person chooses of the pages: colours, and whether single keys act."""

from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models

from apps.common.sql.migrations import OnlineMigration


class Migration(OnlineMigration):
    dependencies = [("users", "0007_page_sessions")]

    operations = [
        migrations.AddField("user", "single_keys", models.BooleanField(default=True, db_default=True)),
        migrations.AddField(
            "user",
            "theme",
            models.CharField(
                max_length=10,
                choices=[("system", "As the system says"), ("light", "Light"), ("dark", "Dark")],
                default="system",
                db_default="system",
            ),
        ),
        AddConstraintNotValid(
            "user",
            models.CheckConstraint(condition=models.Q(theme__in=["system", "light", "dark"]), name="user_theme_known"),
        ),
        ValidateConstraint("user", "user_theme_known"),
    ]
