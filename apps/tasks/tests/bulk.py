"""More tasks than a factory can make in time."""

from __future__ import annotations

from django.db import connection

from apps.projects.models import Project
from apps.tasks.models import Task
from apps.tasks.order.keys import MIDDLE, STEP
from apps.users.models import User


def insert_tasks(project: Project, count: int, *, assigned_to: User | None = None) -> None:
    """Insert `count` open tasks by one statement; the project's counts stay as they are."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            INSERT INTO {Task._meta.db_table} (project_id, number, title, description, status, priority, metadata,
                attachments_count, version, created_at, updated_at, created_by_id, assigned_to_id, rank)
            SELECT %s, n, 'Task number ' || n, '', 'todo', 'medium', '{{}}', 0, 1, now(), now(), %s, %s,
                taskhouse_rank({MIDDLE} + n * {STEP})
            FROM generate_series(1, %s) AS n
            """,
            [project.pk, project.owner_id, assigned_to and assigned_to.pk, count],
        )
        cursor.execute("ANALYZE")
