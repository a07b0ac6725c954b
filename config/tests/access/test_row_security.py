"""An oracle for reads: PostgreSQL's own row security finds no row that a scope has forgotten.

Every GET of the matrix is answered twice, the second time under a role that may read only what the
caller's memberships allow. Any difference is a scope that is missing or too narrow.
"""

from __future__ import annotations

from contextlib import contextmanager
from unittest.mock import patch

from django.db import connection
from django.db.models import Value
from rest_framework.test import APIClient
from rest_framework.views import APIView

from apps.common.lists import kept
from apps.tasks.models import Task
from apps.tasks.views import TaskViewSet
from config.tests.access.matrix import ask, cells, content_of, operations, undone

ROLE = "reader_in_a_test"
MINE = "current_setting('app.user_id')::bigint"
POLICIES = {
    "projects_project": "id IN (SELECT my_projects())",
    "projects_membership": "project_id IN (SELECT my_projects())",
    "projects_activity": "project_id IN (SELECT my_projects())",
    "tasks_task": "project_id IN (SELECT my_projects())",
    "tasks_attachment": "project_id IN (SELECT my_projects())",
    "tasks_comment": "project_id IN (SELECT my_projects())",
    "tasks_commentversion": "comment_id IN (SELECT id FROM tasks_comment)",
    "tasks_relation": "from_project_id IN (SELECT my_projects()) OR to_project_id IN (SELECT my_projects())",
    "tasks_mention": "task_id IN (SELECT id FROM tasks_task)",
    "tasks_watch": "project_id IN (SELECT my_projects())",
    "tasks_label": "project_id IN (SELECT my_projects())",
    "tasks_tasklabel": "project_id IN (SELECT my_projects())",
    "tasks_savedview": (
        f"CASE WHEN project_id IS NULL THEN owner_id = {MINE}"
        f" ELSE project_id IN (SELECT my_projects()) AND (is_shared OR owner_id = {MINE}) END"
    ),
    "batches_batch": f"actor_id = {MINE} OR id IN (SELECT batch_id FROM projects_activity)",
    "batches_batchitem": f"batch_id IN (SELECT id FROM batches_batch WHERE actor_id = {MINE})",
    "projects_trashentry": "project_id IN (SELECT my_projects())",
    "webhooks_webhook": "project_id IN (SELECT my_projects())",
    "webhooks_delivery": "project_id IN (SELECT my_projects())",
    "webhooks_webhookmatch": "webhook_id IN (SELECT id FROM webhooks_webhook)",
    "reports_report": "project_id IN (SELECT my_projects())",
    "exports_export": f"created_by_id = {MINE} AND coalesce(project_id IN (SELECT my_projects()), true)",
    "invitations_invitation": "project_id IN (SELECT my_projects())",
    "notifications_notification": (
        f"recipient_id = {MINE} AND coalesce(project_id IN (SELECT my_projects()), true)"
        # What became of an invitation's mail
        " OR recipient_id IS NULL AND project_id IN (SELECT my_projects())"
    ),
    "calendars_calendarfeed": f"user_id = {MINE}",
    "imports_importjob": f"created_by_id = {MINE} AND coalesce(project_id IN (SELECT my_projects()), true)",
    "imports_importrow": "job_id IN (SELECT id FROM imports_importjob)",
    "users_session": f"user_id = {MINE}",
}


def install_policies():
    """Make the role and its policies; the transaction of the test takes them away again."""
    statements = [
        "SET CONSTRAINTS ALL IMMEDIATE",  # a table with checks to come cannot be altered
        "SET CONSTRAINTS ALL DEFERRED",
        f"CREATE ROLE {ROLE} NOLOGIN",
        f"""CREATE FUNCTION my_projects() RETURNS SETOF bigint LANGUAGE sql STABLE SECURITY DEFINER AS
            'SELECT project_id FROM projects_membership WHERE user_id = {MINE.replace("'", "''")}'""",
    ]
    for table, condition in POLICIES.items():
        statements.append(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        statements.append(f"CREATE POLICY mine ON {table} FOR SELECT TO {ROLE} USING ({condition})")
    # Last: it changes the tables' catalog rows without a lock on the tables. Autovacuum, at work on one of them, would
    # wait for this transaction, and this one for it: a deadlock.
    statements.append(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {ROLE}")
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


@contextmanager
def under_row_security():
    """Restrict what a view reads from the moment it knows the caller."""
    original = APIView.perform_authentication
    restricted = []

    def perform_authentication(self, request):
        original(self, request)
        if request.user and request.user.is_authenticated:
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('app.user_id', %s, true)", [str(request.user.pk)])
                cursor.execute(f"SET LOCAL ROLE {ROLE}")
            restricted.append(request.path)

    with patch.object(APIView, "perform_authentication", perform_authentication):
        try:
            yield restricted
        finally:
            with connection.cursor() as cursor:
                cursor.execute("RESET ROLE")


def answer(world, cell):
    with undone():
        response = ask(APIClient(raise_request_exception=False), world, cell)
        body = content_of(response).replace(response["X-Request-ID"].encode(), b"")
        return response.status_code, body


def compare(world, wanted):
    """Return how many GETs were restricted, and which answered otherwise."""
    restricted, different = 0, []
    for cell in cells(wanted):
        free = answer(world, cell)
        with under_row_security() as asked:
            bound = answer(world, cell)
        restricted += len(asked)
        if bound != free:
            different.append(f"{cell}: {free[0]} and {bound[0]}: {free[1][:200]!r} {bound[1][:200]!r}")
    return restricted, different


def test_no_answer_changes_when_postgresql_guards_the_rows(world):
    install_policies()

    restricted, different = compare(world, [one for one in operations() if one.method == "get"])

    print(f"row security: {restricted} GETs restricted, differences {len(different)}")
    assert restricted > 200
    assert different == [], "\n".join(different)


def test_the_oracle_notices_a_missing_scope(world, monkeypatch):
    install_policies()
    kept.forget()
    monkeypatch.setattr(TaskViewSet, "scope", lambda self: Task.objects.annotate(role=Value("owner")))
    try:
        _, different = compare(world, [one for one in operations() if one.name == "listTasks"])
    finally:
        kept.forget()

    assert any("listTasks" in line for line in different)
