"""Put the former digests of an invitation into their index at once, as words of tasks are (`tasks.0022_words_at_once`)."""

from django.contrib.postgres.indexes import GinIndex
from django.db import migrations

from apps.common.sql.migrations import OnlineMigration

INDEX = "invitation_former_digests"


class Migration(OnlineMigration):
    dependencies = [("invitations", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    f"ALTER INDEX {INDEX} SET (fastupdate = off)", reverse_sql=f"ALTER INDEX {INDEX} RESET (fastupdate)"
                ),
                migrations.RunSQL(f"SELECT gin_clean_pending_list('{INDEX}')", reverse_sql=migrations.RunSQL.noop),
            ],
            state_operations=[
                migrations.RemoveIndex("invitation", INDEX),
                migrations.AddIndex("invitation", GinIndex(fields=["former_digests"], fastupdate=False, name=INDEX)),
            ],
        ),
    ]
