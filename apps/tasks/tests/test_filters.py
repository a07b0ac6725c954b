"""The filters of GET /api/tasks/."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from apps.projects.models import Project
from apps.projects.tests.factories import ProjectFactory
from apps.tasks.models import Task
from apps.tasks.tests.factories import TaskFactory

URL = "/api/tasks/"
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def found(api, owner):
    """Return the titles of what the owner finds, sorted."""

    def ask(query: str) -> str:
        response = api(owner).get(f"{URL}?{query}")
        assert response.status_code == 200, response.json()
        return "".join(sorted(task["title"] for task in response.json()["results"]))

    return ask


def test_status_and_priority_can_be_repeated(found, project):
    for title, status, priority in (("a", "todo", "low"), ("b", "review", "high"), ("c", "done", "low")):
        TaskFactory(project=project, title=title, status=status, priority=priority)

    assert found("status=todo") == "a"
    assert found("status=todo&status=done") == "ac"
    assert found("priority=low") == "ac"
    assert found("priority=low&priority=high&status=review&status=done") == "bc"


def test_project_can_be_repeated_and_shows_nothing_of_others(found, project, owner, outsider):
    second, third = ProjectFactory(owner=owner), ProjectFactory(owner=owner)
    hidden = ProjectFactory(owner=outsider)
    for title, place in (("a", project), ("b", second), ("c", third), ("d", hidden)):
        TaskFactory(project=place, title=title)

    assert found(f"project={project.pk}") == "a"
    assert found(f"project={project.pk}&project={third.pk}") == "ac"
    assert found(f"project={hidden.pk}") == ""
    assert found("project=999999999") == ""
    assert found("&".join(f"project={number}" for number in range(project.pk, project.pk + 50))) == "abc"


def test_people_are_named_by_id_me_or_none(found, project, owner, member):
    TaskFactory(project=project, title="a", assigned_to=owner, created_by=member)
    TaskFactory(project=project, title="b", assigned_to=member, created_by=owner)
    TaskFactory(project=project, title="c", created_by=owner)

    assert found("assigned_to=me") == "a"
    assert found(f"assigned_to={member.pk}") == "b"
    assert found("assigned_to=none") == "c"
    assert found("created_by=me") == "bc"
    assert found(f"created_by={member.pk}") == "a"
    assert found("created_by=none") == ""
    assert found("assigned_to=999999999") == ""


@pytest.mark.parametrize(("field", "column"), [("due", "due_date"), ("created", "created_at")])
def test_after_includes_the_instant_and_before_does_not(found, project, field, column):
    for title, hours in (("a", -1), ("b", 0), ("c", 1)):
        TaskFactory(project=project, title=title, **{column: NOON + timedelta(hours=hours)})

    assert found(f"{field}_after=2026-06-01T12:00:00Z") == "bc"
    assert found(f"{field}_before=2026-06-01T12:00:00Z") == "a"
    assert found(f"{field}_after=2026-06-01T14:00:00%2B02:00&{field}_before=2026-06-01T13:00:00Z") == "b"


def test_updated_after_finds_what_changed_since(found, project):
    for title, hours in (("a", -1), ("b", 0)):
        TaskFactory(project=project, title=title, updated_at=NOON + timedelta(hours=hours))

    assert found("updated_after=2026-06-01T12:00:00Z") == "b"


def test_a_task_without_a_due_date_is_neither_before_nor_after(found, project, task):
    assert found("due_after=2000-01-01T00:00:00Z") == found("due_before=2100-01-01T00:00:00Z") == ""


def test_overdue_is_what_is_past_its_date_and_not_done(found, project):
    past, future = timezone.now() - timedelta(minutes=1), timezone.now() + timedelta(hours=1)
    TaskFactory(project=project, title="a", due_date=past)
    TaskFactory(project=project, title="b", due_date=past, status="done")
    TaskFactory(project=project, title="c", due_date=future)
    TaskFactory(project=project, title="d")

    assert found("overdue=true") == "a"
    assert found("overdue=false") == "bcd"


def test_archived_is_left_out_unless_asked_for(found, project, owner):
    closed = ProjectFactory(owner=owner)
    TaskFactory(project=project, title="a")
    TaskFactory(project=project, title="b", archived_at=NOON)
    TaskFactory(project=closed, title="c")
    TaskFactory(project=closed, title="d", archived_at=NOON)
    Project.objects.filter(pk=closed.pk).update(archived_at=NOON)

    assert found("") == found("archived=false") == "a"
    assert found("archived=true") == "bcd"
    assert found(f"project={closed.pk}") == "c"
    assert found(f"project={closed.pk}&archived=true") == "d"
    assert found(f"project={project.pk}&archived=true") == "b"


def test_has_attachments(found, project):
    TaskFactory(project=project, title="a", attachments_count=2)
    TaskFactory(project=project, title="b")

    assert found("has_attachments=true") == "a"
    assert found("has_attachments=false") == "b"


def test_filters_are_combined(found, project, owner):
    for number in range(8):
        TaskFactory(
            project=project,
            title="abcdefgh"[number],
            status=("todo", "done")[number % 2],
            assigned_to=(owner, None)[number // 2 % 2],
            priority=("low", "high")[number // 4],
        )

    assert found("status=todo&assigned_to=me&priority=high") == "e"


@pytest.mark.parametrize(
    "query",
    [
        "nonsense=1",
        "status=",
        "status=open",
        "status=todo&status=open",
        "priority=1",
        "project=WEB",
        "project=",
        "project=-1",
        "project=1" + "&project=1" * 50,
        "project=9223372036854775808",
        "project=²",
        "assigned_to=somebody",
        "assigned_to=-1",
        "assigned_to=9223372036854775808",
        "created_by=%00",
        "due_after=tomorrow",
        "due_before=2026-13-01",
        "created_after=9999-12-31T23:59:59-14:00",
        "updated_after=%00",
        "overdue=maybe",
        "archived=2",
        "has_attachments=yes",
        "search=%00",
        "page_size=0",
        "page_size=101",
        "count=maybe",
        "cursor=x",
        "title=x",
        "project__name=x",
    ],
)
def test_an_unknown_name_or_value_is_rejected(api, owner, task, query):
    response = api(owner).get(f"{URL}?{query}")

    assert response.status_code == 400
    assert response.json()["errors"][0]["pointer"] == "/" + query.split("=")[0]


def test_a_cursor_of_another_filter_or_order_is_rejected(api, project, owner):
    for _ in range(3):
        TaskFactory(project=project)
    following = api(owner).get(f"{URL}?page_size=1&status=todo").json()["next"]

    assert api(owner).get(following).status_code == 200
    for other in ("status=review", "status=todo&priority=low", "ordering=title&status=todo"):
        assert api(owner).get(following.replace("status=todo", other)).status_code == 400


def test_a_filter_never_shows_more_than_one_sees(api, outsider, project, task, owner):
    for query in (f"project={project.pk}", f"created_by={owner.pk}", "search=login", "search=WEB-1", "status=todo"):
        assert api(outsider).get(f"{URL}?{query}").json()["results"] == []
    assert Task.objects.exists()
