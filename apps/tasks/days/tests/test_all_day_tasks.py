"""`due_on` in the API: what is written decides, the other follows (contract DU1 to DU5)."""

import gzip
from datetime import UTC, datetime

import pytest

from apps.projects.models import Activity
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.reports.content import build_content
from apps.tasks.models import Task
from apps.tasks.tests.assertions import snapshot
from apps.tasks.tests.factories import TaskFactory
from apps.users.models import User

pytestmark = pytest.mark.django_db

DAY, INSTANT = "2026-11-20", "2026-11-24T16:00:00Z"


def url(task):
    return f"/api/tasks/{task.pk}/"


def due(response):
    assert response.status_code in (200, 201), response.content
    shown = response.json()
    return shown["due_on"], shown["due_date"]


def changes(task):
    return Activity.objects.filter(task_id=task.pk).latest("seq").changes


@pytest.fixture
def berliner(project):
    return MembershipFactory(project=project, user__timezone="Europe/Berlin").user


@pytest.fixture
def all_day(api, member, task):
    """A task that is due on DAY, for nobody."""
    api(member).patch(url(task), {"due_on": DAY})
    task.refresh_from_db()
    return task


def test_du1_a_day_ends_where_the_assignee_is(api, member, task, berliner):
    Task.objects.filter(pk=task.pk).update(assigned_to=berliner)

    assert due(api(member).patch(url(task), {"due_on": DAY})) == (DAY, "2026-11-20T22:59:59Z")


def test_du1_a_day_ends_where_the_writer_is_while_nobody_is_assigned(api, berliner, task):
    assert due(api(berliner).patch(url(task), {"due_on": DAY})) == (DAY, "2026-11-20T22:59:59Z")


def test_du1_an_assignee_of_the_same_request_counts(api, member, task, berliner):
    shown = api(member).patch(url(task), {"due_on": DAY, "assigned_to": berliner.pk})

    assert due(shown) == (DAY, "2026-11-20T22:59:59Z")


@pytest.mark.parametrize("is_assigned", [True, False])
def test_du1_a_task_is_created_with_a_day(api, project, member, berliner, is_assigned):
    body = {"project": project.pk, "title": "x", "due_on": DAY}

    shown = api(member).post("/api/tasks/", body | ({"assigned_to": berliner.pk} if is_assigned else {}))

    assert due(shown) == (DAY, "2026-11-20T22:59:59Z" if is_assigned else "2026-11-20T23:59:59Z")
    [event] = Activity.objects.filter(type="task.created")
    assert event.changes["due_on"] == {"from": None, "to": DAY}
    assert "due_date" not in event.changes


def test_du2_an_instant_clears_the_day(api, member, all_day):
    assert due(api(member).patch(url(all_day), {"due_date": INSTANT})) == (None, INSTANT)
    assert changes(all_day)["due_on"] == {"from": DAY, "to": None}
    assert changes(all_day)["due_date"]["to"] == INSTANT


@pytest.mark.parametrize("body", [{"due_on": None}, {"due_date": None}, {"due_on": None, "due_date": None}])
def test_du2_null_for_either_clears_both(api, member, all_day, body):
    assert due(api(member).patch(url(all_day), body)) == (None, None)
    assert changes(all_day) == {"due_on": {"from": DAY, "to": None}}


def test_du2_no_day_changes_nothing_where_there_is_none(api, member, task):
    api(member).patch(url(task), {"due_date": INSTANT})
    before = snapshot()

    assert due(api(member).patch(url(task), {"due_on": None})) == (None, INSTANT)
    assert snapshot() == before


@pytest.mark.parametrize("method", ["put", "patch"])
def test_du3_what_was_read_can_be_sent_back(api, member, all_day, method):
    client = api(member)
    shown = client.get(url(all_day))
    before = snapshot()

    again = getattr(client, method)(url(all_day), shown.json())

    assert (again.json(), again["ETag"]) == (shown.json(), shown["ETag"])
    assert snapshot() == before


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"due_on": "2026-11-21"}, ("2026-11-21", "2026-11-21T23:59:59Z")),
        ({"due_date": INSTANT}, (None, INSTANT)),
        ({"due_on": None}, (None, None)),
        ({"due_date": None}, (None, None)),
        ({"due_on": "2026-11-21", "due_date": None}, ("2026-11-21", "2026-11-21T23:59:59Z")),
        ({"due_on": None, "due_date": INSTANT}, (None, INSTANT)),
        ({"due_on": "2026-11-21", "due_date": "2026-11-21T23:59:59Z"}, ("2026-11-21", "2026-11-21T23:59:59Z")),
    ],
)
def test_du3_the_one_that_differs_counts(api, member, all_day, body, expected):
    as_read = {"due_on": DAY, "due_date": "2026-11-20T23:59:59Z", "title": all_day.title}

    assert due(api(member).put(url(all_day), as_read | body)) == expected


def test_du3_two_others_contradict_each_other_and_nothing_is_written(api, member, all_day):
    before = snapshot()

    response = api(member).patch(url(all_day), {"due_on": "2026-11-21", "due_date": INSTANT, "title": "not written"})

    assert response.status_code == 400
    assert [(error["pointer"], error["code"]) for error in response.json()["errors"]] == [("/due_on", "contradiction")]
    assert snapshot() == before


def test_du3_so_they_do_on_creation(api, project, member):
    body = {"project": project.pk, "title": "x", "due_on": DAY, "due_date": INSTANT}
    before = snapshot()

    response = api(member).post("/api/tasks/", body)

    assert [(error["pointer"], error["code"]) for error in response.json()["errors"]] == [("/due_on", "contradiction")]
    assert snapshot() == before
    assert due(api(member).post("/api/tasks/", body | {"due_date": None})) == (DAY, "2026-11-20T23:59:59Z")
    assert due(api(member).post("/api/tasks/", body | {"due_on": None})) == (None, INSTANT)


def test_du4_another_assignee_moves_the_end_in_the_same_version_and_event(api, member, all_day, berliner):
    version = all_day.version

    response = api(member).patch(f"{url(all_day)}assign/", {"assigned_to": berliner.pk})

    assert due(response) == (DAY, "2026-11-20T22:59:59Z")
    assert response.json()["version"] == version + 1
    assert changes(all_day) == {"assigned_to": {"from": None, "to": berliner.pk}}


def test_du4_unassigning_and_another_zone_in_the_profile_move_nothing(api, member, all_day, berliner):
    client = api(member)
    client.patch(url(all_day), {"assigned_to": berliner.pk})
    User.objects.filter(pk=berliner.pk).update(timezone="Pacific/Auckland")

    assert due(client.get(url(all_day))) == (DAY, "2026-11-20T22:59:59Z")
    assert due(client.patch(url(all_day), {"title": "Other", "due_on": DAY})) == (DAY, "2026-11-20T22:59:59Z")
    assert due(client.patch(url(all_day), {"assigned_to": None})) == (DAY, "2026-11-20T22:59:59Z")
    assert due(client.patch(url(all_day), {"due_on": "2026-11-21"})) == ("2026-11-21", "2026-11-21T23:59:59Z")


def test_du4_a_task_with_an_instant_keeps_it(api, member, task, berliner):
    api(member).patch(url(task), {"due_date": INSTANT})

    assert due(api(member).patch(url(task), {"assigned_to": berliner.pk})) == (None, INSTANT)


def test_du4_a_move_that_clears_the_assignee_moves_nothing(api, owner, all_day, berliner):
    api(owner).patch(url(all_day), {"assigned_to": berliner.pk})

    moved = api(owner).patch(url(all_day), {"project": ProjectFactory(owner=owner, key="MOB").pk})

    assert moved.json()["assigned_to"] is None
    assert due(moved) == (DAY, "2026-11-20T22:59:59Z")


def test_du5_events_name_the_day_alone(api, member, all_day):
    assert changes(all_day) == {"due_on": {"from": None, "to": DAY}}

    api(member).patch(url(all_day), {"due_on": "2026-11-21", "priority": "high"})

    assert changes(all_day) == {
        "due_on": {"from": DAY, "to": "2026-11-21"},
        "priority": {"from": "medium", "to": "high"},
    }


def test_du5_a_day_in_place_of_an_instant_is_named_alone_as_well(api, member, task):
    api(member).patch(url(task), {"due_date": INSTANT})

    assert due(api(member).patch(url(task), {"due_on": DAY})) == (DAY, "2026-11-20T23:59:59Z")
    assert changes(task) == {"due_on": {"from": None, "to": DAY}}


@pytest.mark.parametrize(
    "value",
    ["2026-11-31", "2026-02-29", "1899-12-31", "9999-12-31", "0001-01-01", "20261120", "2026-W47-5", "2026-1-5",
     "２０２６-11-20", "2026-11-20T00:00:00Z", " 2026-11-20", "2026-11-20\n", "today", "", 20261120, True, [], {}],
)  # fmt: skip
def test_what_is_no_day_is_rejected(api, project, member, task, value):
    for response in (
        api(member).patch(url(task), {"due_on": value}),
        api(member).post("/api/tasks/", {"project": project.pk, "title": "x", "due_on": value}),
    ):
        assert response.status_code == 400
        assert [(error["pointer"], error["code"]) for error in response.json()["errors"]] == [("/due_on", "invalid")]


@pytest.mark.parametrize("day", ["1900-01-01", "9999-12-30", "2028-02-29"])
def test_the_edges_are_days(api, member, task, day):
    shown = api(member).patch(url(task), {"due_on": day})

    assert due(shown) == (day, f"{day}T23:59:59Z")
    assert api(member).get("/api/tasks/?ordering=due_date").json()["results"][0]["due_on"] == day


def test_du6_filters_and_orders_compare_the_end_of_the_day(api, project, owner, all_day):
    earlier = TaskFactory(project=project, due_date=datetime(2026, 11, 20, 12, tzinfo=UTC))
    client = api(owner)

    def found(query):
        return [row["id"] for row in client.get(f"/api/tasks/?ordering=due_date&{query}").json()["results"]]

    assert found("due_before=2026-11-20T23:59:59Z") == [earlier.pk]
    assert found("due_before=2026-11-21") == [earlier.pk, all_day.pk]
    assert found("due_after=2026-11-20T23:59:59Z") == [all_day.pk]


def test_du6_a_report_has_both_columns(project, owner, all_day):

    table = gzip.decompress(build_content(project.pk, now=datetime.now(UTC)).table).decode()

    header, row = table.splitlines()[:2]
    columns = header.split(",")
    cells = row.split(",")
    assert cells[columns.index("due_on")] == DAY
    assert cells[columns.index("due_date")] == "2026-11-20T23:59:59Z"


@pytest.mark.parametrize("former", [{"due_on": DAY}, {"due_date": INSTANT}, {"due_on": None}])
@pytest.mark.parametrize(
    "written", [{"due_on": "2026-12-24"}, {"due_date": "2026-12-24T08:00:00Z"}, {"due_date": None}]
)
def test_du7_undo_brings_back_what_was_written(api, member, task, former, written):
    client = api(member)
    client.patch(url(task), former)
    before = due(client.get(url(task)))
    done = client.post("/api/tasks/bulk/", {"ids": [task.pk], "action": "update", "changes": written})
    assert done.status_code == 200, done.content
    if due(client.get(url(task))) == before:
        return

    undone = client.post(f"/api/batches/{done['X-Batch-ID']}/undo/", {})

    assert undone.status_code == 200, undone.content
    assert due(client.get(url(task))) == before


def test_du7_undo_restores_the_day_whatever_zone_counts_by_then(api, member, all_day, berliner):
    client = api(member)
    done = client.post("/api/tasks/bulk/", {"ids": [all_day.pk], "action": "update", "changes": {"due_date": INSTANT}})
    User.objects.filter(pk=member.pk).update(timezone="Europe/Berlin")

    client.post(f"/api/batches/{done['X-Batch-ID']}/undo/", {})

    assert due(client.get(url(all_day))) == (DAY, "2026-11-20T22:59:59Z")
