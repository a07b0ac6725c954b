"""What indexes of tasks may not know: they are all written anew when it changes."""

from __future__ import annotations

import pytest
from django.db import connection

from apps.projects.tests.factories import ProjectFactory
from apps.tasks.models import Task
from apps.tasks.tests.bulk import insert_tasks

pytestmark = pytest.mark.django_db

# Columns that an index has in its key, in an expression or in its condition
INDEXED = """
SELECT DISTINCT attribute.attname
FROM pg_index index
JOIN pg_depend depend ON depend.classid = 'pg_class'::regclass AND depend.objid = index.indexrelid
    AND depend.refobjid = index.indrelid
JOIN pg_attribute attribute ON attribute.attrelid = index.indrelid AND attribute.attnum = depend.refobjsubid
WHERE index.indrelid = 'tasks_task'::regclass
"""


def test_a_change_of_status_writes_no_index_of_tasks():
    with connection.cursor() as cursor:
        cursor.execute(INDEXED)
        indexed = {name for (name,) in cursor.fetchall()}

    assert indexed >= {"id", "due_date", "search", "trash_id"}  # of a condition as well
    written = {"status", "status_rank", "completed_at", "archived_at", "version", "updated_at"}
    assert written <= {field.column for field in Task._meta.concrete_fields}
    assert not indexed & written


TASKS, EVERY = 500, 50  # some pages full of tasks, and at most one of each page changes
CHANGES = "SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_xact_user_tables WHERE relid = 'tasks_task'::regclass"


def test_the_first_change_of_a_task_finds_room_on_its_page():
    project = ProjectFactory()
    insert_tasks(project, TASKS)
    with connection.cursor() as cursor:
        cursor.execute(CHANGES)
        before = cursor.fetchone()
        Task.objects.filter(project=project, number__in=range(1, TASKS, EVERY)).update(status="review", version=2)
        cursor.execute(CHANGES)
        after = cursor.fetchone()

    changed, in_place = (now - was for now, was in zip(after, before, strict=True))
    assert changed == in_place == TASKS // EVERY
