"""No hot read walks through a whole table: the plans of PostgreSQL for every statement."""

from __future__ import annotations

import os
import re

import psycopg
import pytest
from django.db import connection
from django.utils import timezone
from rest_framework.test import APIClient

from apps.common.lists import kept
from apps.common.sql import statements
from apps.users.credentials.tokens import AccessToken
from apps.users.models import Session
from scripts.bench.fill import WORD, Size, fill

# 20 of 5,000 tasks in the suite; docs/performance.md says how to look at more
PROJECTS = int(os.environ.get("BENCH_PROJECTS") or 20)

# Committed and truncated: what a rollback leaves behind would slow the tests that follow.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

# Tables that grow with use; projects and people of one installation are few.
LARGE = (
    "tasks_task",
    "projects_activity",
    "notifications_notification",
    "tasks_attachment",
    "tasks_watch",
    "tasks_relation",
)
PATHS = {
    "list, newest first": "/api/tasks/?project=3",
    "list, oldest first": "/api/tasks/?project=3&ordering=created_at",
    "list, by status and due date": "/api/tasks/?project=3&status=todo&ordering=due_date",
    "list, by title": "/api/tasks/?project=3&ordering=title",
    "list, by title, from the end": "/api/tasks/?project=3&ordering=-title",
    "my open tasks, by due date": "/api/tasks/?assigned_to=me&status=todo&status=in_progress&ordering=due_date",
    "one task": "/api/tasks/{task}/",
    "relations of a task": "/api/tasks/{task}/relations/",
    "blocked tasks of a project": "/api/tasks/?project=3&blocked=true",
    "blocking tasks of a project": "/api/tasks/?project=3&blocking=true",
    "tasks related to a task": "/api/tasks/?related_to={task}",
    "project list": "/api/projects/",
    "watched tasks of a project": "/api/tasks/?project=3&watching=me",
    "tasks with an unread notification": "/api/tasks/?unread=true",
    "watchers": "/api/tasks/{task}/watchers/",
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

    def explained(text, params, **options):
        explain(text, params)
        return prepared(text, params, **options)

    def wrapper(execute, sql, params, many, context):
        if sql.lstrip().startswith("SELECT"):
            explain(sql, params)
        return execute(sql, params, many, context)

    prepared = statements.prepared
    monkeypatch.setattr(statements, "prepared", explained)
    with connection.execute_wrapper(wrapper):
        yield found


@pytest.fixture
def client():
    """Return a client of the busiest user, with the data that is measured."""
    connection.ensure_connection()  # nothing has asked this one for anything yet
    fill(connection.connection, Size(projects=PROJECTS, users=max(100, PROJECTS * 5)), password="x")
    kept.forget()
    session = Session.objects.get(pk=1)
    session.rotated_at = timezone.now()  # on a slow machine the data take longer than an access token lives
    session.save(update_fields=["rotated_at"])
    return APIClient(headers={"Authorization": f"Bearer {AccessToken.of(session)}"})


@pytest.fixture
def task(client):
    """Return the id of a task with watchers."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT min(id) FROM tasks_task WHERE project_id = 3")
        return cursor.fetchone()[0]


def scanned(plans):
    """Return the large tables that any plan walks through as a whole."""
    return {table for plan in plans for table in re.findall(r"Seq Scan on (\w+)", plan) if table in LARGE}


def test_no_listed_operation_scans_a_large_table(client, task, plans):
    scans = {}
    for name, path in PATHS.items():
        plans.clear()
        assert client.get(path.format(task=task)).status_code == 200
        assert len(plans) >= 2
        if tables := scanned(plans):
            scans[name] = tables

    print(f"{len(PATHS)} operations at {Size(projects=PROJECTS).tasks:,} tasks, scans of large tables: {len(scans)}")
    assert scans == {}


def test_a_search_in_projects_meets_no_words_of_others(client, plans):
    for words in (WORD, "z", "task z"):
        for query in ("project=3", "project=3&project=4", "project=3&status=todo&ordering=due_date"):
            plans.clear()
            assert client.get(f"/api/tasks/?{query}&search={words}").json()["results"]

            [plan] = [plan for plan in plans if "Bitmap Index Scan on task_words_by_project" in plan]
            met = set(re.findall(r"Bitmap Index Scan on (task_\w+)", plan))
            # Beside it, PostgreSQL may look two projects up by an index of their own; one is a condition of the first
            assert "task_kept_words" not in met, plan
            assert "project=4" in query or met == {"task_words_by_project"}, plan


def test_a_search_of_all_projects_meets_no_words_of_those_of_others(client, plans):
    for words in (WORD, "z", "task z", "PD-7"):
        plans.clear()
        assert client.get(f"/api/tasks/?search={words}").json()["results"]

        [plan] = [plan for plan in plans if "Bitmap Index Scan on task_words_by_project" in plan]
        assert "task_kept_words" not in plan


def test_finding_whom_to_notify_scans_no_large_table(client, task, plans):
    acts = {
        "create": lambda: client.post("/api/tasks/", {"project": 3, "title": "New", "assigned_to": 1}, format="json"),
        "status": lambda: client.patch(f"/api/tasks/{task}/status/", {"status": "review"}, format="json"),
        "comment": lambda: client.post(f"/api/tasks/{task}/comments/", {"body": "@user2 and @user3"}, format="json"),
        "watch": lambda: client.put(f"/api/tasks/{task}/watch/", {"level": "all"}, format="json"),
        "watch a project": lambda: client.put("/api/projects/3/watch/", {"level": "all"}, format="json"),
    }
    scans = {}
    for name, act in acts.items():
        plans.clear()
        assert act().status_code in {200, 201}
        if tables := scanned(plans):
            scans[name] = tables

    print(f"{len(acts)} writes at {Size(projects=PROJECTS).tasks:,} tasks, scans of large tables: {scans}")
    assert scans == {}
