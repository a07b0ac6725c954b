"""Number the events that are there, per project by time, while the former version goes on writing (contract M2).

What is older than an hour is numbered in batches without a lock: nothing is written before it any more. The rest of a
project is numbered under the lock of its row, and only then does `last_seq` start to count.
"""

from django.db import connection, migrations, transaction

from apps.common.sql.migrations import OnlineMigration

BATCH = 5_000
NUMBER = """
WITH chosen AS (
    SELECT id, row_number() OVER (ORDER BY created_at, id) AS position
    FROM (
        SELECT id, created_at FROM projects_activity
        WHERE project_id = %(project)s AND seq IS NULL {settled}
        ORDER BY created_at, id LIMIT {limit}
    ) AS oldest
)
UPDATE projects_activity AS event SET
    seq = %(last)s + chosen.position,
    event_id = taskhouse_uuid7(event.created_at),
    type = taskhouse_event_type(event.verb, event.task_id IS NOT NULL),
    object_type = split_part(taskhouse_event_type(event.verb, event.task_id IS NOT NULL), '.', 1),
    object_id = CASE split_part(taskhouse_event_type(event.verb, event.task_id IS NOT NULL), '.', 1)
        WHEN 'task' THEN event.task_id
        WHEN 'project' THEN event.project_id
        WHEN 'member' THEN COALESCE(event.changes #>> '{{member,to}}', event.changes #>> '{{member,from}}')::bigint
    END,
    origin = CASE WHEN event.actor_id IS NULL THEN 'job' ELSE 'api' END,
    published_at = event.created_at
FROM chosen WHERE event.id = chosen.id
"""
SETTLED = NUMBER.format(settled="AND created_at < now() - interval '1 hour'", limit=BATCH)
REST = NUMBER.format(settled="", limit="ALL")


def number(apps, schema_editor):
    project = apps.get_model("projects", "Project")
    for pk in project.objects.filter(last_seq=None).order_by("pk").values_list("pk", flat=True).iterator():
        last = _last_number(pk)
        while count := _run(SETTLED, pk, last):
            last += count
        with transaction.atomic():
            project.objects.select_for_update(no_key=True).get(pk=pk)
            last += _run(REST, pk, last)
            project.objects.filter(pk=pk).update(last_seq=last)


def _last_number(pk):
    """Return what an interrupted run has numbered already."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT COALESCE(max(seq), 0) FROM projects_activity WHERE project_id = %s", [pk])
        return cursor.fetchone()[0]


def _run(statement, pk, last):
    with connection.cursor() as cursor:
        cursor.execute(statement, {"project": pk, "last": last})
        return cursor.rowcount


class Migration(OnlineMigration):
    dependencies = [("projects", "0003_event_log")]

    operations = [migrations.RunPython(number, migrations.RunPython.noop)]
