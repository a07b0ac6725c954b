"""PG13: what each page costs in statements is a constant, the same in docs/performance.md."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.projects.tests.factories import MembershipFactory
from apps.tasks.models import Label, TaskLabel
from apps.tasks.tests.factories import TaskFactory
from apps.web.tests.browser import Browser

pytestmark = pytest.mark.django_db

PAGE = Path(__file__).resolve().parents[3] / "docs" / "performance.md"
TRANSACTION = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT")  # the suite's own transaction adds savepoints


def counted(browser, path):
    browser.open(path)  # the first of a shape compiles and prepares
    with CaptureQueriesContext(connection) as queries:
        answer = browser.open(path)
    assert answer.status_code == 200
    return sum(not query["sql"].startswith(TRANSACTION) for query in queries)


def found_by(browser, project, task):
    return {
        "My day": counted(browser, "/"),
        "List of a project": counted(browser, f"/projects/{project.pk}/"),
        "Board of a project": counted(browser, f"/projects/{project.pk}/board/"),
        "Search": counted(browser, "/search/?search=title"),
        "A task": counted(browser, f"/tasks/{task.pk}/"),
    }


def test_pg13_the_page_says_what_each_page_costs_and_rows_do_not_matter(project, owner):
    assignee = MembershipFactory(project=project).user
    label = Label.objects.create(project=project, name="bug", color="#112233")
    task = TaskFactory(project=project, title="A title", assigned_to=owner, due_date=timezone.now())
    browser = Browser(owner)
    few = found_by(browser, project, task)
    for number in range(12):
        person = (owner, assignee, None)[number % 3]
        more = TaskFactory(project=project, title="A title", assigned_to=person, due_date=timezone.now())
        TaskLabel.objects.create(project_id=project.pk, task=more, label=label)

    assert found_by(browser, project, task) == few
    documented = dict(re.findall(r"^\| ([A-Z][^|]+?) \| (\d+) \|$", PAGE.read_text(), flags=re.MULTILINE))
    assert {name: int(count) for name, count in documented.items()} == few
