"""`due` of the filter language compares days with `due_on` (contract DU6, FI2)."""

from datetime import UTC, datetime

import pytest

from apps.projects.tests.factories import MembershipFactory
from apps.tasks.tests.factories import TaskFactory
from apps.users.models import User

pytestmark = pytest.mark.django_db

DAY = "2026-11-20"


@pytest.fixture
def tasks(api, project, owner):
    """An all-day task of somebody in Honolulu, for whom the day ends when it is the next day in Berlin, and others."""
    User.objects.filter(pk=owner.pk).update(timezone="Europe/Berlin")
    away = MembershipFactory(project=project, user__timezone="Pacific/Honolulu").user
    all_day, instant, later, never = (TaskFactory(project=project, title=name) for name in "ailn")
    client = api(owner)
    for task, body in (
        (all_day, {"due_on": DAY, "assigned_to": away.pk}),
        (instant, {"due_date": "2026-11-20T22:30:00Z"}),  # 23:30 in Berlin
        (later, {"due_date": "2026-11-20T23:30:00Z"}),  # the next day in Berlin
    ):
        assert client.patch(f"/api/tasks/{task.pk}/", body).status_code == 200
    all_day.refresh_from_db()
    assert all_day.due_date == datetime(2026, 11, 21, 9, 59, 59, tzinfo=UTC)
    return {task.pk: task.title for task in (all_day, instant, later, never)}


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        ("due = 2026-11-20", "ai"),
        ("due != 2026-11-20", "ln"),
        ("due < 2026-11-20", ""),
        ("due <= 2026-11-20", "ai"),
        ("due > 2026-11-20", "l"),
        ("due >= 2026-11-20", "ail"),
        ("due < 2026-11-21", "ai"),
        ("due >= 2026-11-21", "l"),
        ("due = 2026-11-21", "l"),
        ("not (due = 2026-11-20)", "ln"),
        ("due < 2026-11-21T00:00:00Z", "il"),
        ("due >= 2026-11-21T09:59:59Z", "a"),
        ("due is empty", "n"),
        ("due is not empty", "ail"),
    ],
)
def test_du6_a_day_is_compared_with_the_day_of_an_all_day_task(api, owner, tasks, condition, found):
    response = api(owner).get("/api/tasks/", {"filter": condition})

    assert response.status_code == 200, response.content
    assert "".join(sorted(tasks[row["id"]] for row in response.json()["results"])) == found
