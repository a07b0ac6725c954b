"""Asking by body and by URL, explanations, and that all of them find the same."""

from __future__ import annotations

import json

import pytest
from django.db import connection
from django.db.models import BooleanField, Func, Q
from django.test.utils import CaptureQueriesContext

from apps.common.lists import kept
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.filtering.fields import FLAGS, FlagField
from apps.tasks.filters import TaskFilter
from apps.tasks.models import Task
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db
QUERY, EXPLAIN, LIST = "/api/tasks/query/", "/api/tasks/filter/explain/", "/api/tasks/"
FILTERS = [
    "",
    "assignee = me or due is empty",
    "not (status = todo and priority >= high)",
    "creator != me and title ~ task",
    "archived or overdue",
]


@pytest.fixture
def tasks(project, owner, member):
    for number in range(12):
        TaskFactory(
            project=project,
            status=("todo", "done", "review")[number % 3],
            priority=("low", "high")[number % 2],
            assigned_to=(owner, member, None)[number % 3],
            created_by=(owner, member)[number % 2],
            due_date=(None, "2026-01-01T00:00:00Z")[number % 2],
        )
    TaskFactory(title="hidden task", project=ProjectFactory(key="WEB"))


def walk(client, body):
    """Return the ids of all pages of a query, and how often each page was full."""
    found, cursor = [], None
    while True:
        page = client.post(QUERY, body | ({"cursor": cursor} if cursor else {})).json()
        found += [row["id"] for row in page["results"]]
        cursor = page["next"]
        if cursor is None:
            return found


@pytest.mark.parametrize("text", FILTERS)
@pytest.mark.parametrize("ordering", ["-created_at", "due_date", "-priority,title"])
def test_fi9_list_query_and_statistics_find_the_same_tasks(api, owner, tasks, text, ordering):
    client = api(owner)
    listed = client.get(LIST, {"filter": text, "ordering": ordering, "count": "true"}).json()
    ids = [row["id"] for row in listed["results"]]
    ast = client.get(EXPLAIN, {"filter": text}).json()["ast"]

    assert walk(client, {"filter": text, "ordering": ordering, "page_size": 5}) == ids
    assert walk(client, {"ast": ast, "ordering": ordering, "page_size": 3}) == ids
    page = client.post(QUERY, {"filter": text, "ordering": ordering, "count": True}).json()
    assert page == listed
    assert listed["count"] == len(ids)
    assert client.get("/api/tasks/statistics/", {"filter": text}).json()["total"] == len(ids)


def test_fi9_a_filter_is_anded_with_every_other_parameter(api, owner, project, tasks):
    client = api(owner)
    both = client.get(LIST, {"filter": "priority = high or due is empty", "status": "todo", "search": "task"}).json()

    alone = client.get(LIST, {"status": "todo", "search": "task"}).json()
    expected = [row for row in alone["results"] if row["priority"] == "high" or row["due_date"] is None]
    assert both["results"] == expected
    assert len(expected) > 0


def test_next_and_previous_of_a_query_are_cursors_for_its_body(api, owner, tasks):
    client, body = api(owner), {"filter": "title ~ task", "page_size": 5, "tz": "Europe/Berlin"}
    first = client.post(QUERY, body).json()
    assert first["previous"] is None
    second = client.post(QUERY, body | {"cursor": first["next"]}).json()
    again = client.post(QUERY, body | {"cursor": second["previous"]}).json()
    assert again["results"] == first["results"]

    for other in ({"filter": "title ~ tas"}, {"ordering": "title"}, {"tz": "UTC"}):
        answer = client.post(QUERY, body | {"cursor": first["next"]} | other)
        assert [entry["code"] for entry in answer.json()["errors"]] == ["invalid_cursor"]


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"filter": "overdue", "ast": {"flag": "overdue"}}, "", "exactly_one"),
        ({"filter": 5}, "/filter", "invalid"),
        ({"filter": None}, "/filter", "null"),
        ({"tz": "Nowhere"}, "/tz", "invalid"),
        ({"page_size": 101}, "/page_size", "max_value"),
        ({"page_size": "many"}, "/page_size", "invalid"),
        ({"count": "perhaps"}, "/count", "invalid"),
        ({"ordering": "size"}, "/ordering", "invalid_choice"),
        ({"cursor": "x"}, "/cursor", "invalid_cursor"),
        ({"status": "todo"}, "/status", "unknown_field"),
        ({"ast": {"flag": "overdu"}}, "/ast/flag", "unknown_field"),
        ({"filter": "overdu"}, "/filter", "unknown_field"),
        ({"ast": {"field": "assignee", "op": "=", "value": "stranger"}}, "/ast/value", "does_not_exist"),
        ({"ast": {"or": [{"field": "key", "op": "=", "value": {"task": 9**9}}]}}, "/ast/or/0/value", "does_not_exist"),
        ({"ast": {"field": "assignee", "op": "=", "value": {"user": 10**17}}}, "/ast/value", "does_not_exist"),
    ],
)
def test_a_wrong_body_is_rejected_at_its_place(api, owner, body, pointer, code):
    answer = api(owner).post(QUERY, body)

    assert answer.status_code == 400
    assert [(entry["pointer"], entry["code"]) for entry in answer.json()["errors"]] == [(pointer, code)]


@pytest.mark.parametrize(
    "body",
    [
        '{"filter": "title = \\ud800"}',
        '{"filter": "title = \\u0000"}',
        '{"ast": {"field": "title", "op": "=", "value": "\\udfff"}}',
        '{"ast": ' + '{"not":' * 5_000 + "1" + "}" * 5_001,
        '{"ast": {"and": [' + '{"flag": "overdue"},' * 20_000 + '{"flag": "overdue"}]}}',
        '{"ast": {"field": "duration", "op": "=", "value": 1e999}}',
        '{"ast": {"field": "duration", "op": "=", "value": ' + "9" * 4_000 + "}}",
        '{"filter": "' + "(" * 2_001 + '"}',
        '{"filter": "due = today+' + "9" * 1_900 + 'd"}',
        "[]",
        '"overdue"',
    ],
)
def test_hostile_bodies_are_plain_rejections(api, owner, body):
    answer = api(owner).post(QUERY, data=body, content_type="application/json")

    assert answer.status_code == 400
    assert answer.json()["code"] in {"filter_invalid", "validation_error", "parse_error"}


def test_fi6_two_thousand_characters_fit_into_a_url_in_every_script(api, owner, project):
    task = TaskFactory(project=project, title="学")
    text = f"title = {'学' * 1_900} or title = 学".ljust(2_000)

    assert [row["id"] for row in api(owner).get(LIST, {"filter": text}).json()["results"]] == [task.pk]
    assert api(owner).get(LIST, {"filter": text + " "}).json()["errors"][0]["code"] == "too_long"


def test_fi8_an_explanation_resolves_for_the_caller_and_reads_no_tasks(api, owner, member, project):
    client = api(member)
    text = "Assignee = ME and (due<today+7d or creator in (OWNER)) and completed < now"
    client.get(EXPLAIN, {"filter": text})
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(EXPLAIN, {"filter": text, "tz": "Asia/Kathmandu"}).json()

    assert answer["normalized"] == "assignee = me and (due < today+7d or creator in (OWNER)) and completed < now"
    assert answer["warnings"] == []
    resolved = answer["resolved"]
    assert set(resolved) == {"me", "today+7d", "OWNER", "now"}
    assert resolved["me"] == {"id": member.pk, "username": "member", "nickname": "", "avatar": None}
    assert resolved["OWNER"]["id"] == owner.pk
    assert len(resolved["today+7d"]) == len("2026-11-27")
    assert resolved["now"].endswith("Z")
    assert len(queries) == 3  # the caller, whom the names mean, how people look
    again = client.get(EXPLAIN, {"filter": answer["normalized"]}).json()
    assert (again["ast"], again["normalized"]) == (answer["ast"], answer["normalized"])


def test_fi8_an_explanation_warns_of_archived_tasks_and_rejects_what_the_list_rejects(api, owner, project):
    client = api(owner)
    (warning,) = client.get(EXPLAIN, {"filter": "not archived"}).json()["warnings"]
    assert "archived" in warning

    assert client.get(EXPLAIN).json() == {"normalized": "", "ast": None, "resolved": {}, "warnings": []}
    rejected = client.get(EXPLAIN, {"filter": "assignee = ghost"})
    listed = client.get(LIST, {"filter": "assignee = ghost"})
    assert rejected.json()["errors"] == listed.json()["errors"]
    assert client.get(EXPLAIN, {"page_size": 5}).json()["errors"][0]["code"] == "unknown_parameter"


def test_fi11_equal_shapes_compile_once_and_values_are_bound(api, owner, project):
    client = api(owner)
    client.get(LIST, {"filter": "title = one and duration > 5"})
    before = kept._kept_composed.cache_info()
    with CaptureQueriesContext(connection) as queries:
        client.get(LIST, {"filter": "title = 'Robert\\'); DROP TABLE' and duration > 77777"})

    assert kept._kept_composed.cache_info().misses == before.misses
    assert before.maxsize == 256
    assert not any("Robert" in query["sql"] or "77777" in query["sql"] for query in queries)
    client.get(LIST, {"filter": "title = one and duration >= 5"})
    assert kept._kept_composed.cache_info().misses == before.misses + 1


def test_fi11_filters_do_not_drive_out_the_statements_of_lists(api, owner, project):
    client = api(owner)
    client.get(LIST)
    before = kept._kept.cache_info().misses
    for width in range(2, 25):
        client.get(LIST, {"filter": " or ".join(["duration > 1"] * width)})

    client.get(LIST)
    assert kept._kept.cache_info().misses == before


def test_a_filtered_list_costs_two_statements_and_one_more_for_each_kind_of_name(api, owner, project):
    for _ in range(5):
        TaskFactory(project=project, assigned_to=MembershipFactory(project=project).user)
    client = api(owner)
    for text, count in [
        ("creator = me and due is empty and status < done", 2),
        ("creator in (owner, me)", 3),
        ("creator in (owner, me) and project = WEB and key != WEB-1", 5),
    ]:
        client.get(LIST, {"filter": text})
        with CaptureQueriesContext(connection) as queries:
            assert client.get(LIST, {"filter": text}).json()["results"]
        assert len(queries) == count


class Nap(Func):
    """A condition that takes half a minute."""

    conditional = True
    template = "pg_sleep(30) IS NULL"

    def __init__(self):
        super().__init__(output_field=BooleanField())


@pytest.mark.django_db(transaction=True)
def test_fi6_a_filter_that_takes_too_long_is_rejected_and_leaves_the_connection_usable(
    api, owner, project, settings, monkeypatch
):
    task, client = TaskFactory(project=project), api(owner)
    settings.FILTER_TIMEOUT_MS = 50
    with monkeypatch.context() as patched:
        patched.setitem(FLAGS, "has_files", FlagField(lambda bind: Q(Nap()), ""))
        kept.forget()
        answers = [
            client.get(LIST, {"filter": "has_files"}),
            client.get("/api/tasks/statistics/", {"filter": "has_files"}),
            client.post(QUERY, {"filter": "has_files", "count": True}),
        ]
    kept.forget()

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(422, "filter_too_costly")] * 3
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() != ("50ms",)
    settings.FILTER_TIMEOUT_MS = 60_000
    assert [row["id"] for row in client.get(LIST, {"filter": "not has_files"}).json()["results"]] == [task.pk]
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() != ("1min",)


def test_an_answer_of_a_query_is_json(api, owner):
    answer = api(owner).post(QUERY, {})
    assert json.loads(answer.content) == {"next": None, "previous": None, "results": []}


def test_fi9_a_page_of_people_and_the_list_of_children_take_the_filter_too(api, owner, project):
    parent = TaskFactory(project=project)
    child = TaskFactory(project=project, parent=parent, title="child")
    TaskFactory(project=project, parent=parent, title="other")

    found = api(owner).get(f"/api/tasks/{parent.pk}/subtasks/", {"filter": "title = CHILD"}).json()["results"]
    assert [row["id"] for row in found] == [child.pk]
    filters = TaskFilter(
        data={"filter": "title = CHILD and creator = me"},
        queryset=Task.objects.visible_to(owner),
        request=type("", (), {"user": owner}),
    )
    assert filters.is_valid()
    assert filters.is_valid()
    assert [task.pk for task in filters.qs] == [child.pk]
    wrong = TaskFilter(data={"filter": "titel = x"}, queryset=Task.objects.all(), request=type("", (), {"user": owner}))
    assert not wrong.is_valid()
    assert wrong.errors.get_json_data()["filter"][0]["code"] == "unknown_field"
