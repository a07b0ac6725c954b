"""Rank the tasks that are there by their creation, evenly, while the former version goes on writing (contract M3).

A project is ranked from its newest task downwards: what the trigger ranks meanwhile goes above, and an interrupted run
continues below what it has ranked.
"""

from django.db import OperationalError, connection, migrations, transaction

from apps.common.sql.migrations import OnlineMigration

BATCH = 1_000  # tasks: for as long as a batch takes, a fraction of a second, their project cannot be written
ATTEMPTS = 5
MIDDLE = 62**8 // 2
STEP = 62**2

LOWEST = "SELECT taskhouse_rank_number(min(rank)) FROM tasks_task WHERE project_id = %s"
FILL = """
UPDATE tasks_task AS task SET rank = taskhouse_rank(%s - chosen.position * %s)
FROM unnest(%s::bigint[]) WITH ORDINALITY AS chosen (id, position)
WHERE task.id = chosen.id AND task.project_id = %s AND task.rank IS NULL
"""


def rank(apps, schema_editor):
    task = apps.get_model("tasks", "Task")
    unranked = task.objects.filter(rank=None)
    for project in sorted(unranked.values_list("project_id", flat=True).distinct()):
        ids = list(unranked.filter(project_id=project).order_by("-created_at", "-pk").values_list("pk", flat=True))
        for start in range(0, len(ids), BATCH):
            _rank(project, ids[start : start + BATCH])


def _rank(project, ids):
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute("SELECT 1 FROM projects_project WHERE id = %s FOR NO KEY UPDATE", [project])
                cursor.execute(LOWEST, [project])
                lowest = cursor.fetchone()[0]
                cursor.execute(FILL, [MIDDLE + STEP if lowest is None else lowest, STEP, ids, project])
        except OperationalError:  # a lock that did not come in time, or a deadlock
            if attempt == ATTEMPTS:
                raise
        else:
            return


class Migration(OnlineMigration):
    dependencies = [("tasks", "0011_rank")]

    operations = [migrations.RunPython(rank, migrations.RunPython.noop)]
