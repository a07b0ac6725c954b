"""No hot read walks through a whole table: the plans of PostgreSQL for every statement."""

from __future__ import annotations

import os
import re

import psycopg
import pytest
from django.db import connection
from rest_framework.test import APIClient

from apps.common.lists import reads
from apps.common.sql import statements
from apps.users.credentials.tokens import AccessToken
from apps.users.models import Session
from scripts.bench.fill import WORD, Size, fill

# 20 of 5,000 tasks in the suite; docs/performance.md says how to look at more
PROJECTS = int(os.environ.get("BENCH_PROJECTS") or 20)

# Committed and truncated: what a rollback leaves behind would slow the tests that follow.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

# Tables that grow with use; projects and people of one installation are few.
LARGE = ("tasks_task", "projects_activity", "notifications_notification", "tasks_attachment")
PATHS = {
    "list, newest first": "/api/tasks/?project=3",
    "list, oldest first": "/api/tasks/?project=3&ordering=created_at",
    "list, by status and due date": "/api/tasks/?project=3&status=todo&ordering=due_date",
    "list, by title": "/api/tasks/?project=3&ordering=title",
    "list, by title, from the end": "/api/tasks/?project=3&ordering=-title",
    "my open tasks, by due date": "/api/tasks/?assigned_to=me&status=todo&status=in_progress&ordering=due_date",
    "one task": "/api/tasks/{task}/",
    "project list": "/api/projects/",
    "search": f"/api/tasks/?project=3&search={WORD}",
    "key": "/api/tasks/?search=PD-77",
    "statistics": "/api/tasks/statistics/?project=3",
    "unread notifications": "/api/notifications/?unread=true",
    "unread count": "/api/notifications/unread-count/",
    "history of a project": "/api/projects/3/activity/",
    "history of a task": "/api/tasks/{task}/activity/",
}


@pytest.fixture
def plans(monkeypatch):
    """Return the list that the plan of every read of this connection is added to."""
    found: list[str] = []

    def explain(text, params):
        with psycopg.ClientCursor(connection.connection) as cursor:
            found.append("\n".join(row[0] for row in cursor.execute(f"EXPLAIN {text}", params).fetchall()))

    def explained(text, params):
        explain(text, params)
        return prepared(text, params)

    def wrapper(execute, sql, params, many, context):
        if sql.lstrip().startswith("SELECT"):
            explain(sql, params)
        return execute(sql, params, many, context)

    prepared = statements.prepared
    monkeypatch.setattr(statements, "prepared", explained)
    with connection.execute_wrapper(wrapper):
        yield found


def test_no_listed_operation_scans_a_large_table(plans):
    connection.ensure_connection()  # nothing has asked this one for anything yet
    fill(connection.connection, Size(projects=PROJECTS, users=max(100, PROJECTS * 5)), password="x")
    reads.forget()
    client = APIClient(headers={"Authorization": f"Bearer {AccessToken.of(Session.objects.get(pk=1))}"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(id) FROM tasks_task WHERE project_id = 3")
        [task] = cursor.fetchone()

    scans = {}
    for name, path in PATHS.items():
        plans.clear()
        assert client.get(path.format(task=task)).status_code == 200
        assert len(plans) >= 2
        if scanned := {table for plan in plans for table in re.findall(r"Seq Scan on (\w+)", plan) if table in LARGE}:
            scans[name] = scanned

    print(f"{len(PATHS)} operations at {Size(projects=PROJECTS).tasks:,} tasks, scans of large tables: {len(scans)}")
    assert scans == {}
