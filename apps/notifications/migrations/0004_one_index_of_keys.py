"""One unique index of the dedupe keys, by bytes, in place of a unique one and its twin for prefixes."""

from django.db import migrations, models

from apps.common.sql.migrations import AddUniqueOnline, OnlineMigration

TABLE = "notifications_notification"
TWIN = "notifications_notification_dedupe_key_f195c156_like"
FORMER = "notifications_notification_dedupe_key_key"


class Migration(OnlineMigration):
    dependencies = [("notifications", "0003_address")]

    operations = [
        AddUniqueOnline(
            model_name="notification",
            constraint=models.UniqueConstraint(
                fields=["dedupe_key"], name="notification_once", opclasses=["varchar_pattern_ops"]
            ),
        ),
        # The former version's ON CONFLICT finds whichever is there
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f"DROP INDEX CONCURRENTLY IF EXISTS {TWIN}",
                    f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {TWIN} ON {TABLE} (dedupe_key varchar_pattern_ops)",
                ),
                migrations.RunSQL(
                    f"-- squawk-ignore ban-drop-constraint\nALTER TABLE {TABLE} DROP CONSTRAINT IF EXISTS {FORMER}",
                    f"ALTER TABLE {TABLE} ADD CONSTRAINT {FORMER} UNIQUE (dedupe_key)",
                ),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name="notification", name="dedupe_key", field=models.CharField(max_length=200)
                )
            ],
        ),
    ]
