"""What each operation costs in statements: constants, the same in docs/performance.md."""

import re
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.projects.tests.factories import MembershipFactory
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db

PAGE = Path(__file__).resolve().parents[4] / "docs" / "performance.md"
TRANSACTION = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")  # the suite's own transaction adds savepoints

# What the second request says, where the same again would change nothing
OTHERS = {"status": lambda _: {"status": "done"}, "move": lambda body: {"before": body["after"]}}


def requests(project, task, anchor, assignee):
    """Return {name in the page: (method, path, body)}."""
    return {
        "list of a project, newest first": ("get", f"/api/tasks/?project={project.pk}", None),
        "list by status and due date": ("get", "/api/tasks/?status=todo&ordering=due_date", None),
        "my open tasks": ("get", "/api/tasks/?assigned_to=me&status=todo", None),
        "one task": ("get", f"/api/tasks/{task.pk}/", None),
        "project list": ("get", "/api/projects/", None),
        "search": ("get", "/api/tasks/?search=login", None),
        "statistics of a project": ("get", f"/api/tasks/statistics/?project={project.pk}", None),
        "create with assignee": (
            "post", "/api/tasks/", {"project": project.pk, "title": "New", "assigned_to": assignee.pk},
        ),
        "change of status": ("patch", f"/api/tasks/{task.pk}/status/", {"status": "review"}),
        "move by hand": ("post", f"/api/tasks/{task.pk}/move/", {"after": anchor.pk}),
        # Of what was created and changed before
        "unread notifications": ("get", "/api/notifications/?unread=true", None),
        "comment": ("post", f"/api/tasks/{task.pk}/comments/", {"body": "Seen **here** as well"}),
        "comments of a task": ("get", f"/api/tasks/{task.pk}/comments/", None),
    }  # fmt: skip


def counted(client, method, path, body):
    getattr(client, method)(path, body)  # the first of a shape compiles and prepares
    other = OTHERS.get(path.rsplit("/", 2)[-2], lambda same: same)(body)
    with CaptureQueriesContext(connection) as queries:
        response = getattr(client, method)(path, other)
    assert response.status_code in (200, 201), response.content
    return sum(not query["sql"].startswith(TRANSACTION) for query in queries)


def test_the_page_says_what_each_operation_costs(api, project, owner):
    assignee = MembershipFactory(project=project).user
    anchor, _, task = (TaskFactory(project=project, assigned_to=assignee, created_by=assignee) for _ in range(3))
    client, reader = api(owner), api(assignee)

    found = {
        name: counted(reader if name == "unread notifications" else client, *request)
        for name, request in requests(project, task, anchor, assignee).items()
    }

    documented = dict(re.findall(r"^\| ([a-z][^|]+?) \| (\d+) \|$", PAGE.read_text(), flags=re.MULTILINE))
    assert {name: int(count) for name, count in documented.items()} == found
