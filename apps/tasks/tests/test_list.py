"""GET /api/tasks/ and /api/tasks/{id}/: who sees what, orders, pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.models import Priority, Status
from apps.tasks.serializers import TaskSerializer
from apps.tasks.tests.factories import TaskFactory

URL = "/api/tasks/"
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def titles(client, query: str = "") -> list[str]:
    response = client.get(f"{URL}?{query}")
    assert response.status_code == 200, response.json()
    return [task["title"] for task in response.json()["results"]]


@pytest.mark.parametrize("who", ["owner", "admin", "member", "viewer"])
def test_each_member_sees_the_projects_tasks(api, task, request, who):
    client = api(request.getfixturevalue(who))

    assert titles(client) == ["Fix the login page"]
    assert client.get(f"{URL}{task.pk}/").status_code == 200


@pytest.mark.parametrize("who", ["outsider", "staff"])
def test_others_see_nothing(api, task, request, who):
    client = api(request.getfixturevalue(who))

    assert titles(client) == []
    unseen, absent = client.get(f"{URL}{task.pk}/"), client.get(f"{URL}999999999/")
    assert unseen.status_code == absent.status_code == 404
    assert unseen.json()["detail"] == absent.json()["detail"]


def test_anonymous_callers_are_asked_to_log_in(api, task):
    assert api().get(URL).status_code == 401
    assert api().get(f"{URL}{task.pk}/").status_code == 401


def test_the_list_shows_what_the_detail_shows(api, member, task):
    client = api(member)

    detail = client.get(f"{URL}{task.pk}/").json()
    assert client.get(URL).json() == {
        "next": None,
        "previous": None,
        "results": [{name: detail[name] for name in TaskSerializer().fields}],
    }


def test_the_default_order_is_newest_first(api, project, owner):
    for hours in (2, 3, 1):
        TaskFactory(project=project, title=str(hours), created_at=NOON + timedelta(hours=hours))

    assert titles(api(owner)) == ["3", "2", "1"]


@pytest.mark.parametrize(
    ("ordering", "expected"),
    [
        ("priority", ["a", "B", "c", "D"]),
        ("-priority", ["D", "c", "B", "a"]),
        ("status", ["D", "c", "B", "a"]),
        ("-status", ["a", "B", "c", "D"]),
        ("title", ["a", "B", "c", "D"]),
        ("-title", ["D", "c", "B", "a"]),
        ("due_date", ["c", "a", "B", "D"]),
        ("-due_date", ["a", "c", "D", "B"]),
        ("created_at", ["a", "B", "c", "D"]),
        ("updated_at", ["D", "c", "B", "a"]),
        ("due_date,-title", ["c", "a", "D", "B"]),
    ],
)
def test_each_order_goes_by_rank_and_puts_nulls_last(api, project, owner, ordering, expected):
    dates = {"a": NOON + timedelta(days=2), "c": NOON}
    for place, (title, status, priority) in enumerate(
        zip("aBcD", reversed(Status.values), Priority.values, strict=True)
    ):
        TaskFactory(
            project=project,
            title=title,
            status=status,
            priority=priority,
            due_date=dates.get(title),
            created_at=NOON + timedelta(hours=place),
            updated_at=NOON - timedelta(hours=place),
        )

    assert titles(api(owner), f"ordering={ordering}") == expected


@pytest.mark.parametrize("ordering", ["number", "project__name", "created_at,created_at", "-", "assigned_to"])
def test_another_order_is_rejected_and_the_choices_are_listed(api, owner, ordering):
    response = api(owner).get(f"{URL}?ordering={ordering}")

    assert response.status_code == 400
    detail = response.json()["errors"][0]["detail"]
    assert all(name in detail for name in ("created_at", "updated_at", "due_date", "priority", "status", "title"))


@pytest.mark.parametrize("ordering", ["created_at", "-due_date", "priority", "-status", "title", "due_date,-priority"])
def test_walking_the_pages_meets_every_task_once_both_ways(api, project, owner, ordering):
    for number in range(23):
        TaskFactory(
            project=project,
            title=f"{'aB'[number % 2]}{number % 5}",
            priority=Priority.values[number % 4],
            status=Status.values[number % 4],
            due_date=NOON + timedelta(days=number % 3) if number % 3 else None,
            created_at=NOON + timedelta(hours=number % 4),
        )
    client = api(owner)
    whole = [task["id"] for task in client.get(f"{URL}?ordering={ordering}").json()["results"]]

    forward, url = [], f"{URL}?ordering={ordering}&page_size=4"
    while url:
        page = client.get(url).json()
        forward.append([task["id"] for task in page["results"]])
        last, url = page, page["next"]
    back, url = [forward[-1]], last["previous"]
    while url:
        page = client.get(url).json()
        back.append([task["id"] for task in page["results"]])
        url = page["previous"]

    assert [pk for page in forward for pk in page] == whole
    assert back[::-1] == forward
    assert len(set(whole)) == 23


def test_a_count_is_added_when_asked_for(api, project, owner, task):
    TaskFactory(project=project, status="done")

    assert api(owner).get(f"{URL}?count=true&page_size=1&status=done").json()["count"] == 1


def test_the_tasks_of_all_ones_projects_are_mixed(api, project, member, outsider):
    other = ProjectFactory(owner=outsider)
    MembershipFactory(project=other, user=member)
    for hours, place in enumerate((project, other, project)):
        TaskFactory(project=place, title=str(hours), created_at=NOON + timedelta(hours=hours))
    TaskFactory(title="elsewhere")

    assert titles(api(member)) == ["2", "1", "0"]
    assert titles(api(outsider)) == ["1"]


def test_the_number_of_queries_does_not_grow(api, project, owner, member):
    client = api(owner)
    TaskFactory(project=project, assigned_to=member)
    client.get(URL)
    with CaptureQueriesContext(connection) as few:
        client.get(URL)
    for _ in range(30):
        other = ProjectFactory(owner=owner)
        TaskFactory(project=other, assigned_to=owner, created_by=MembershipFactory(project=other).user)
    with CaptureQueriesContext(connection) as many:
        assert len(client.get(URL).json()["results"]) == 31

    print(f"\nlist: {len(many)} statements")
    assert len(few) == len(many)


def test_head_and_options_are_answered(api, owner, task):
    assert api(owner).head(f"{URL}{task.pk}/").status_code == 200
    assert api(owner).options(URL).status_code == 200
