"""Logins on the pages: a nullable column, and its unique index built beside the logins."""

from django.db import migrations, models

from apps.common.sql.migrations import OnlineMigration

NAME = "session_cookie_digest_unique"


class Migration(OnlineMigration):
    dependencies = [("users", "0006_sorted_usernames")]

    operations = [
        migrations.AddField("session", "cookie_digest", models.BinaryField(editable=False, max_length=32, null=True)),
        migrations.RunSQL(
            [
                f"DROP INDEX CONCURRENTLY IF EXISTS {NAME}",
                f"CREATE UNIQUE INDEX CONCURRENTLY {NAME} ON users_session (cookie_digest)",
            ],
            f"DROP INDEX CONCURRENTLY IF EXISTS {NAME}",
        ),
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AddConstraint("session", models.UniqueConstraint(fields=["cookie_digest"], name=NAME))
            ],
            database_operations=[
                migrations.RunSQL(
                    f"ALTER TABLE users_session ADD CONSTRAINT {NAME} UNIQUE USING INDEX {NAME}",
                    f"ALTER TABLE users_session DROP CONSTRAINT {NAME}",
                )
            ],
        ),
    ]
