"""Search by words of every script, from an index on the texts themselves.

The column `search` leaves the models alone: the former version still reads it, the next release drops it. Its index
goes as soon as the new one is built; until all of the former version has ended, that version searches without one.
"""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import RemoveIndexConcurrently
from django.db import migrations

from apps.common.sql.migrations import AddIndexOnline
from apps.common.text.words import SearchWords


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("common", "0002_text_functions"), ("tasks", "0002_composite_foreign_keys")]

    operations = [
        AddIndexOnline(
            model_name="task",
            index=GinIndex("project", SearchWords("title", "description"), name="task_words"),
        ),
        RemoveIndexConcurrently(model_name="task", name="task_search"),
        migrations.SeparateDatabaseAndState(
            state_operations=[migrations.RemoveField(model_name="task", name="search")],
        ),
    ]
