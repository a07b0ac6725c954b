"""Fill the words of the tasks that are there, some at a time, and build their index.

Interrupted, it begins anew and leaves alone what is done. The former version's index goes at the end: until all of that
version has ended, it searches within a project without one.
"""

from django.db import OperationalError, migrations

from apps.common.sql.migrations import OnlineMigration

BATCH = 1_000  # ids: for as long as a batch takes, a fraction of a second, its rows cannot be written
ATTEMPTS = 5

# Written to itself, the title makes the trigger look at the row as it is then. PostgreSQL's own words have positions.
FILL = """
    UPDATE tasks_task SET title = title
    WHERE id BETWEEN %s AND %s AND (search IS DISTINCT FROM strip(search) OR search = ''::tsvector)
"""


def fill(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(min(id), 0), coalesce(max(id), -1) FROM tasks_task")
        first, last = cursor.fetchone()
        for start in range(first, last + 1, BATCH):
            _fill(cursor, start, start + BATCH - 1)


def _fill(cursor, first, last):
    for attempt in range(1, ATTEMPTS + 1):
        try:
            cursor.execute(FILL, [first, last])
        except OperationalError:  # a lock that did not come in time, or a deadlock
            if attempt == ATTEMPTS:
                raise
        else:
            return


class Migration(OnlineMigration):

    dependencies = [("tasks", "0007_trash")]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunSQL(
            sql=[
                # To build beside the traffic is to wait, which blocks nobody; see AddIndexOnline
                "SET lock_timeout = 0",
                "DROP INDEX CONCURRENTLY IF EXISTS task_kept_words",
                "CREATE INDEX CONCURRENTLY task_kept_words ON tasks_task USING gin (project_id, search) WHERE trash_id IS NULL",
                "DROP INDEX CONCURRENTLY IF EXISTS task_search",
                "RESET lock_timeout",
            ],
            reverse_sql="DROP INDEX CONCURRENTLY IF EXISTS task_kept_words",
        ),
    ]
