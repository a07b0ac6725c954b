"""Leave a tenth of each page of tasks free for what is changed there.

A version of a row that finds room on the page of the one before is in no index (HOT). Pages that were filled to the
brim have none for the first change of their rows, a comment or another status, which then writes all seventeen.
Pages that are there already stay as they are.
"""

from django.db import migrations

from apps.common.sql.migrations import OnlineMigration


class Migration(OnlineMigration):
    dependencies = [("tasks", "0022_words_at_once")]

    operations = [
        migrations.RunSQL(
            "ALTER TABLE tasks_task SET (fillfactor = 90)", reverse_sql="ALTER TABLE tasks_task RESET (fillfactor)"
        )
    ]
