"""Index the words of tasks by project, beside the traffic.

The index on project and words collects what a prefix hits in all projects before it looks at the project. Here each
word begins with its project, `'15/fix'`, so a prefix meets nothing of others. PostgreSQL puts the function's body in
its place, in the index and in conditions, as long as everything in it is immutable: `||` of a number is not. The project
is a column of the index as well, so that nothing else is read for the condition on it.
"""

from django.db import migrations

from apps.common.sql.migrations import OnlineMigration

# No word has a blank or a quote in it
WORDS_IN_PROJECT = """
    CREATE FUNCTION words_in_project(project bigint, words tsvector) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN replace(' ' || words::text, ' ''', ' ''' || project::text || '/')::tsvector
"""


class Migration(OnlineMigration):

    dependencies = [("tasks", "0019_external")]

    operations = [
        migrations.RunSQL(
            sql=[(WORDS_IN_PROJECT, None)], reverse_sql="DROP FUNCTION words_in_project(bigint, tsvector)"
        ),
        migrations.RunSQL(
            sql=[
                # To build beside the traffic is to wait, which blocks nobody; see AddIndexOnline
                "SET lock_timeout = 0",
                "DROP INDEX CONCURRENTLY IF EXISTS task_words_by_project",
                "CREATE INDEX CONCURRENTLY task_words_by_project ON tasks_task"
                " USING gin (project_id, words_in_project(project_id, search)) WHERE trash_id IS NULL",
                "RESET lock_timeout",
            ],
            reverse_sql="DROP INDEX CONCURRENTLY IF EXISTS task_words_by_project",
        ),
    ]
