"""GET /api/tasks/export/: the list of tasks as CSV (contract EX1)."""

from __future__ import annotations

import csv
import io
import tracemalloc
from datetime import UTC, date, datetime
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.common.lists import kept
from apps.common.text.spreadsheet_csv import table_pieces
from apps.projects.tests.cast import answers
from apps.projects.tests.factories import ProjectFactory
from apps.tasks.models import Label, TaskLabel
from apps.tasks.table.views import TableMixin
from apps.tasks.tests.bulk import insert_tasks
from apps.tasks.tests.factories import TaskFactory
from apps.tokens.tests.factories import script

URL = "/api/tasks/export/"
HEADER = (
    "key,title,description,status,priority,assigned_to,created_by,due_date,due_on,duration_minutes,labels,parent,"
    "attachments,created_at,updated_at,completed_at,project,archived"
)


def rows(response):
    assert response.status_code == 200, response.content
    return list(csv.DictReader(io.StringIO(response.getvalue().decode("utf-8-sig"), newline="")))


def keys(response):
    return [row["key"] for row in rows(response)]


@pytest.fixture
def tasks(project, owner, member):
    """Three tasks: a parent, its child with all there is, and an archived one."""
    parent = TaskFactory(project=project, title="Parent", created_by=owner)
    child = TaskFactory(
        project=project,
        title='Say "hello",\r\nZoë',
        description="=1+1",
        parent=parent,
        created_by=owner,
        assigned_to=member,
        due_date=datetime(2026, 12, 1, 23, 0, tzinfo=UTC),
        due_on=date(2026, 12, 1),
        duration=90,
    )
    for name in ("zebra", "Ant", "=cmd"):
        label = Label.objects.create(project=project, name=name, color="#c8473f")
        TaskLabel.objects.create(task=child, label=label, project=project)
    return parent, child, TaskFactory(project=project, title="Old", archived_at=timezone.now())


@answers(owner=3, admin=3, member=3, commenter=3, viewer=3, outsider=0, staff=0)
def test_ex1_it_has_what_the_caller_sees(api, project, tasks, request, who, status):
    TaskFactory(title="Of others")

    response = api(request.getfixturevalue(who)).get(f"{URL}?filter={quote('archived or not archived')}")

    assert len(rows(response)) == status


def test_ex1_columns_are_as_people_read_them(api, owner, tasks):
    response = api(owner).get(f"{URL}?format=csv&ordering=created_at")

    raw = response.getvalue().decode("utf-8-sig")
    assert raw.split("\r\n")[0] == HEADER
    parent, child = csv.DictReader(io.StringIO(raw, newline=""))
    stamps = {name: child.pop(name) for name in ("created_at", "updated_at")}
    assert child == {
        "key": "WEB-2",
        "title": 'Say "hello",\r\nZoë',
        "description": "'=1+1",
        "status": "todo",
        "priority": "medium",
        "assigned_to": "member",
        "created_by": "owner",
        "due_date": "2026-12-01T23:00:00Z",
        "due_on": "2026-12-01",
        "duration_minutes": "90",
        "labels": "'=cmd, Ant, zebra",
        "parent": "WEB-1",
        "attachments": "0",
        "completed_at": "",
        "project": "WEB",
        "archived": "false",
    }
    assert all(stamp.endswith("Z") for stamp in stamps.values())
    assert (parent["parent"], parent["labels"]) == ("", "")


@pytest.mark.parametrize(
    "query",
    [
        "",
        "ordering=title",
        "ordering=-priority,title",
        "archived=true",
        "status=todo&status=review&assigned_to=me",
        "label_any=name:zebra",
        "label_none=name:ant&ordering=created_at",
        f"filter={quote('label = ant or title ~ par')}",
        "search=zoë",
        "project={project}&ordering=rank",
        "parent=none",
        "overdue=false",
    ],
)
def test_ex1_csv_and_list_give_the_same_tasks_in_the_same_order(api, project, owner, tasks, query):
    """Property 8: CSV and list give the same ids."""
    TaskFactory(project=ProjectFactory(owner=owner, key="OTHER"), title="Elsewhere", priority="urgent")
    query = query.format(project=project.pk)

    listed = api(owner).get(f"/api/tasks/?{query}").json()["results"]

    assert keys(api(owner).get(f"{URL}?{query}")) == [task["key"] for task in listed]


def test_ex1_a_saved_view_gives_filter_and_order(api, project, owner, tasks):
    view = {"name": "By title", "project": project.pk, "filter": "archived or not archived", "ordering": "title"}
    pk = api(owner).post("/api/views/", view).json()["id"]

    assert keys(api(owner).get(f"{URL}?view={pk}")) == ["WEB-3", "WEB-1", "WEB-2"]
    assert keys(api(owner).get(f"{URL}?view={pk}&ordering=-created_at")) == ["WEB-3", "WEB-2", "WEB-1"]


def test_ex1_too_many_rows_are_rejected_before_the_first_byte(api, owner, tasks, settings):
    settings.EXPORT_MAX_ROWS = 1

    response = api(owner).get(URL)

    assert (response.status_code, response.json()["code"], response.json()["limit"]) == (422, "too_many_rows", 1)
    assert response["Content-Type"] == "application/problem+json"
    assert keys(api(owner).get(f"{URL}?parent=none")) == ["WEB-1"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("format=xlsx", {("/format", "invalid_choice")}),
        ("page_size=5", {("/page_size", "unknown_parameter")}),
        ("cursor=x&format=json", {("/cursor", "unknown_parameter"), ("/format", "invalid_choice")}),
        ("ordering=zzz&format=", {("/ordering", "invalid_choice"), ("/format", "invalid_choice")}),
        ("status=nope&ordering=zzz", {("/status", "invalid_choice"), ("/ordering", "invalid_choice")}),
        ("ordering=rank", {("/ordering", "needs_project")}),
    ],
)
def test_ex1_bad_parameters_are_all_named(api, owner, query, found):
    response = api(owner).get(f"{URL}?{query}")

    assert response.status_code == 400
    assert {(error["pointer"], error["code"]) for error in response.json()["errors"]} == found


@pytest.mark.parametrize("accept", ["text/csv", "application/json", "*/*", "nonsense"])
def test_ex1_it_is_a_download_whatever_accept_says(api, owner, tasks, accept):
    response = api(owner).get(URL, headers={"Accept": accept})

    assert response["Content-Type"] == "text/csv; charset=utf-8; header=present"
    assert response["Content-Disposition"].startswith('attachment; filename="tasks.csv"')
    assert (response["X-Content-Type-Options"], response["Cache-Control"]) == ("nosniff", "no-store")
    assert "sandbox" in response["Content-Security-Policy"]
    assert api(owner).head(URL)["Content-Type"] == response["Content-Type"]


def test_ex1_a_token_gets_what_it_reaches(project, owner, tasks):
    TaskFactory(project=ProjectFactory(owner=owner, key="FAR"), title="Elsewhere")
    client = script(owner, scopes=["export:read"], projects=[project])

    assert keys(client.get(f"{URL}?ordering=created_at")) == ["WEB-1", "WEB-2"]
    assert keys(client.get(f"{URL}?filter={quote('title ~ par')}")) == ["WEB-1"]
    assert script(owner, scopes=["tasks:read"]).get(URL).status_code == 403


def test_ex1_nobody_gets_it_anonymously(api):
    assert api().get(URL).status_code == 401


@pytest.mark.parametrize("is_shared", [False, True])
def test_ex1_it_is_streamed_from_a_cursor_that_is_closed(api, project, owner, monkeypatch, is_shared):
    """Behind a pooler that shares connections there is no cursor of the server, and the table is the same."""
    monkeypatch.setitem(connection.settings_dict, "DISABLE_SERVER_SIDE_CURSORS", is_shared)
    insert_tasks(project, 2_500)

    response = api(owner).get(f"{URL}?ordering=title")
    assert response.streaming
    assert open_cursors() == (0 if is_shared else 1)
    assert len(keys(response)) == 2_500
    assert open_cursors() == 0

    unread = api(owner).get(URL)  # whoever goes away before the first byte
    for close in unread._resource_closers:
        close()
    assert open_cursors() == 0


def open_cursors():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_cursors WHERE name LIKE 'rows_%'")
        return cursor.fetchone()[0]


@pytest.mark.django_db(transaction=True)
def test_ex1_what_is_written_meanwhile_is_not_in_it(api, project, owner):
    """The rows outlive the transaction that has read them: no transaction waits for a slow reader."""
    first = TaskFactory(project=project, title="Before")
    with CaptureQueriesContext(connection) as captured:
        response = api(owner).get(URL)
        assert not connection.in_atomic_block
        TaskFactory(project=project, title="After")
        first.title = "Changed"
        first.save(update_fields=["title"])

    assert [row["title"] for row in rows(response)] == ["Before"]
    assert any("REPEATABLE READ" in query["sql"] for query in captured)
    assert open_cursors() == 0


def test_ex1_memory_does_not_grow_with_the_rows():
    def peak(count):
        tracemalloc.start()
        for _ in table_pieces(["cell" * 50] * 4 for _ in range(count)):
            pass
        used = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return used

    assert peak(8_000) < peak(1_000) * 2


def test_ex1_the_same_filters_and_order_are_compiled_once_for_everybody(api, owner, member, tasks, monkeypatch):
    kept.forget()
    built = []
    build = TableMixin.table_query
    monkeypatch.setattr(TableMixin, "table_query", lambda view, *asked: built.append(asked) or build(view, *asked))

    found = [keys(api(caller).get(URL, {"ordering": "title"})) for caller in (owner, owner, member)]
    assert len(built) == 1
    other = keys(api(owner).get(URL, {"ordering": "-title"}))

    assert found[0] == found[1] == found[2] == other[::-1]
    assert len(built) == 2
