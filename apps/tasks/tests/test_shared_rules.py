"""Rules of the contract that hold across all apps: rights, the order of locks, lists, the log."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from drf_spectacular.generators import SchemaGenerator

from apps.common.api.links import LINKS
from apps.projects.models import Activity
from apps.projects.roles import GRANTABLE, Role
from apps.projects.tests.factories import ProjectFactory
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db
APPS = Path(settings.BASE_DIR) / "apps"


def locks_of(queries):
    """Return which locks statements took, in order: `graph`, (`project`, id) or `task`."""
    found = []
    for query in (each["sql"] for each in queries):
        if "pg_advisory_xact_lock" in query and "taskhouse.graph" in query:
            found.append("graph")
        elif re.search(r'FROM "?projects_project"?.*FOR NO KEY UPDATE', query):
            found.append("project")
        elif re.search(r'FROM "?tasks_task"?.*FOR NO KEY UPDATE', query):
            found.append("task")
    return found


@pytest.fixture
def client(api, owner):
    return api(owner)


def test_r1_the_role_commenter_is_granted_like_the_others_and_filters_projects(api, client, project, outsider):
    members = f"/api/projects/{project.pk}/members/"
    assert client.post(members, {"username": outsider.username, "role": "commenter"}).status_code == 201
    assert Role.COMMENTER in GRANTABLE

    found = api(outsider).get("/api/projects/?role=commenter").json()["results"]
    assert [each["id"] for each in found] == [project.pk]
    assert client.patch(f"{members}{outsider.pk}/", {"role": "viewer"}).status_code == 200
    assert api(outsider).get("/api/projects/?role=commenter").json()["results"] == []


def test_r2_no_module_but_roles_says_which_role_holds_what():
    deciding = set()
    for path in APPS.rglob("*.py"):
        if "tests" in path.parts or "migrations" in path.parts or "demo" in path.parts or path.name == "roles.py":
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            compared = isinstance(node, ast.Compare) and [node.left, *node.comparators]
            if compared and any(ast.unparse(part) in {"Role.ADMIN", "Role.MEMBER", "Role.VIEWER"} for part in compared):
                deciding.add(str(path.relative_to(APPS)))

    assert deciding == set()


def test_r2_what_was_decided_before_the_lock_is_decided_again_under_it(client, task):
    with CaptureQueriesContext(
        connection,
    ) as queries:
        client.patch(f"/api/tasks/{task.pk}/", {"title": "New"})

    statements = [each["sql"] for each in queries]
    locked = next(n for n, sql in enumerate(statements) if "projects_project" in sql and "FOR NO KEY UPDATE" in sql)
    assert any("projects_membership" in sql for sql in statements[:locked])
    assert any("projects_membership" in sql for sql in statements[locked + 1 :])


def test_l1_the_graph_is_locked_before_projects_by_id_and_those_before_tasks(client, owner, project, task):
    target = ProjectFactory(owner=owner)
    parent = TaskFactory(project=target)

    with CaptureQueriesContext(connection) as queries:
        response = client.patch(f"/api/tasks/{task.pk}/", {"project": target.pk, "parent": parent.pk})

    assert response.status_code == 200
    locks = locks_of(queries)
    assert locks[:4] == ["graph", "project", "project", "task"]


@pytest.mark.parametrize(
    ("method", "path", "body", "locks_project"),
    [
        ("patch", "/api/tasks/{task}/", {"title": "New"}, True),
        ("post", "/api/tasks/{task}/comments/", {"body": "Hello"}, True),
        ("post", "/api/projects/{project}/labels/", {"name": "bug"}, True),
        ("post", "/api/tasks/{task}/relations/", {"kind": "relates", "task": "{other}"}, True),
        ("delete", "/api/tasks/{task}/", {}, True),
        ("put", "/api/tasks/{task}/watch/", {"level": "muted"}, False),
        ("put", "/api/projects/{project}/watch/", {"level": "all"}, False),
    ],
)
def test_l2_writes_in_a_project_hold_its_lock_and_watch_levels_do_not(
    client, project, task, method, path, body, locks_project
):
    other = TaskFactory(project=project)
    names = {"task": task.pk, "project": project.pk, "other": other.pk}
    filled = {name: value.format(**names) if isinstance(value, str) else value for name, value in body.items()}

    with CaptureQueriesContext(connection) as queries:
        response = getattr(client, method)(path.format(**names), filled)

    assert response.status_code < 300, response.content
    assert ("project" in locks_of(queries)) == locks_project


def test_e10_acts_that_only_concern_the_caller_are_no_events(client, project, task):
    client.put(f"/api/tasks/{task.pk}/watch/", {"level": "muted"})
    client.put(f"/api/projects/{project.pk}/watch/", {"level": "all"})
    client.post("/api/notifications/mark-all-read/")

    assert not Activity.objects.exists()


def test_h7_the_links_name_collections_that_answer(client):
    assert {"projects", "tasks", "trash", "batches"} <= LINKS.keys()
    for name, path in LINKS.items():
        assert client.get(f"/api/{path}").status_code == 200, name


def test_h8_every_list_is_paged_by_keyset():
    schema = SchemaGenerator().get_schema(request=None, public=True)
    lists = {
        path: {parameter["name"] for parameter in methods["get"].get("parameters", [])}
        for path, methods in schema["paths"].items()
        if "get" in methods and methods["get"]["operationId"].startswith("list")
    }

    assert len(lists) > 10
    del lists["/api/projects/{project_id}/events/"]  # no list but a feed, read on `after` a number (FE1)
    assert [path for path, names in lists.items() if not {"cursor", "page_size", "count"} <= names] == []
