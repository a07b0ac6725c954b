"""GET /api/tasks/statistics/"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.models import Task
from apps.tasks.tests.factories import TaskFactory

URL = "/api/tasks/statistics/"
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def board(project, owner, member):
    now = timezone.now()
    TaskFactory(project=project, title="a", assigned_to=member, due_date=now - HOUR, created_at=now - 10 * DAY)
    TaskFactory(project=project, title="b", assigned_to=member, due_date=now + HOUR, priority="high")
    TaskFactory(project=project, title="c", status="review", due_date=now + 2 * DAY)
    TaskFactory(
        project=project,
        title="d",
        status="done",
        assigned_to=owner,
        due_date=now - HOUR,
        created_at=now - 5 * HOUR,
        completed_at=now - 3 * HOUR,
    )
    TaskFactory(
        project=project,
        title="e",
        status="done",
        assigned_to=member,
        created_at=now - 20 * DAY,
        completed_at=now - 20 * DAY + 6 * HOUR,
    )
    TaskFactory(project=project, title="f", archived_at=now)
    TaskFactory(title="elsewhere")


def test_every_figure(api, owner, member, board):
    response = api(owner).get(URL)

    assert response.status_code == 200
    assert response.json() == {
        "total": 5,
        "by_status": {"todo": 2, "in_progress": 0, "review": 1, "done": 2},
        "by_priority": {"low": 0, "medium": 4, "high": 1, "urgent": 0},
        "by_assignee": [
            {
                "user": {"id": member.pk, "username": "member", "nickname": "", "avatar": None},
                "total": 3,
                "open": 2,
                "overdue": 1,
            },
            {
                "user": {"id": owner.pk, "username": "owner", "nickname": "", "avatar": None},
                "total": 1,
                "open": 0,
                "overdue": 0,
            },
        ],
        "overdue": 1,
        "due_soon": 1,
        "unassigned": 1,
        "created_last_7_days": 3,
        "completed_last_7_days": 1,
        "completion_rate": 0.4,
        "average_completion_hours": 4.0,
    }


def test_without_tasks_every_key_is_there(api, owner):
    shown = api(owner).get(URL).json()

    assert (shown["total"], shown["completion_rate"], shown["average_completion_hours"]) == (0, None, None)
    assert shown["by_status"] == {"todo": 0, "in_progress": 0, "review": 0, "done": 0}
    assert shown["by_priority"] == {"low": 0, "medium": 0, "high": 0, "urgent": 0}
    assert shown["by_assignee"] == []


def test_with_nothing_done_there_is_no_average(api, owner, task):
    shown = api(owner).get(URL).json()

    assert (shown["completion_rate"], shown["average_completion_hours"]) == (0.0, None)


@pytest.mark.parametrize(
    "query",
    [
        "",
        "status=todo&status=review",
        "assigned_to=me",
        "assigned_to=none",
        "overdue=true",
        "archived=true",
        "search=a",
        "has_attachments=false",
        "priority=high",
    ],
)
def test_the_filters_of_the_list_hold(api, member, board, query):
    client = api(member)
    listed = client.get(f"/api/tasks/?count=true&{query}").json()["count"]

    shown = client.get(f"{URL}?{query}").json()

    assert shown["total"] == sum(shown["by_status"].values()) == sum(shown["by_priority"].values()) == listed


@pytest.mark.parametrize("query", ["nonsense=1", "status=open", "ordering=title", "cursor=x", "page_size=5"])
def test_what_is_no_filter_of_it_is_rejected(api, owner, query):
    assert api(owner).get(f"{URL}?{query}").status_code == 400


@pytest.mark.parametrize("who", ["viewer", "member", "admin"])
def test_every_member_may_ask(api, board, request, who):
    assert api(request.getfixturevalue(who)).get(URL).json()["total"] == 5


def test_strangers_count_only_what_they_see(api, project, outsider, staff, board):
    assert api(outsider).get(f"{URL}?project={project.pk}").json()["total"] == 0
    assert api(staff).get(URL).json()["total"] == 0
    assert api().get(URL).status_code == 401


def test_it_costs_as_many_statements_however_many_tasks_and_people(api, owner, board):
    client = api(owner)
    client.get(URL)
    with CaptureQueriesContext(connection) as few:
        client.get(URL)
    for _ in range(10):
        place = ProjectFactory(owner=owner)
        TaskFactory(project=place, assigned_to=MembershipFactory(project=place).user)
    with CaptureQueriesContext(connection) as many:
        client.get(URL)

    print(f"\nstatistics: {len(many)} statements")
    assert len(few) == len(many) == 3
    assert Task.objects.count() == 17
