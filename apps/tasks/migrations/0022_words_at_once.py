"""Put the words of a task into their indexes at once.

By default PostgreSQL collects new entries of a GIN index in a list, which every search reads as well. Whoever
fills it beyond 4 MB sorts all of it in, in the middle of a request: some hundred milliseconds every few thousand writes.
"""

from django.db import migrations

from apps.common.sql.migrations import OnlineMigration

INDEXES = ("task_kept_words", "task_words_by_project")


class Migration(OnlineMigration):
    dependencies = [("tasks", "0021_with_date")]

    operations = [
        *(
            migrations.RunSQL(
                f"ALTER INDEX {index} SET (fastupdate = off)", reverse_sql=f"ALTER INDEX {index} RESET (fastupdate)"
            )
            for index in INDEXES
        ),
        # What is in the lists stays there until somebody asks
        *(
            migrations.RunSQL(f"SELECT gin_clean_pending_list('{index}')", reverse_sql=migrations.RunSQL.noop)
            for index in INDEXES
        ),
    ]
