"""POST /api/tasks/{id}/move/."""

from __future__ import annotations

import pytest
from django.db import connection

from apps.projects.models import Activity, Project
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.models import Task
from apps.tasks.order.keys import LENGTH_MAX, even_key, keys_between
from apps.tasks.order.tests.order_helpers import move, order, reorderings
from apps.tasks.tests.assertions import kinds_and_recipients, snapshot
from apps.tasks.tests.bulk import insert_tasks
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("moved", "body", "expected"),
    [
        (0, {"after": 1}, "bacd"),
        (0, {"after": 3}, "bcda"),
        (3, {"after": 0}, "adbc"),
        (3, {"before": 0}, "dabc"),
        (0, {"before": 3}, "bcad"),
        (1, {"position": "first"}, "bacd"),
        (1, {"position": "last"}, "acdb"),
    ],
)
def test_rk2_a_task_lands_where_it_is_asked_to(api, project, member, four, moved, body, expected):
    client = api(member)
    body = {name: four[value].pk if isinstance(value, int) else value for name, value in body.items()}

    response = move(client, four[moved], **body)

    assert response.status_code == 200
    assert order(client, project) == expected
    assert order(client, project, ordering="-rank") == expected[::-1]
    [event] = reorderings(project)
    assert (event.object_ids, event.object_id, event.task_id, event.changes) == ([four[moved].pk], None, None, {})
    shown = response.json()
    assert shown["rank"] == Task.objects.get(pk=four[moved].pk).rank
    assert "effects" not in shown


@pytest.mark.parametrize(
    ("moved", "body"),
    [(1, {"after": 0}), (1, {"before": 2}), (0, {"position": "first"}), (3, {"position": "last"})],
)
def test_rk2_a_task_that_is_there_already_writes_nothing(api, project, member, four, moved, body):
    before = snapshot()
    body = {name: four[value].pk if isinstance(value, int) else value for name, value in body.items()}

    assert move(api(member), four[moved], **body).status_code == 200
    assert snapshot() == before
    assert reorderings(project) == []


@pytest.mark.parametrize("body", [{"after": 0}, {"before": 3}])
def test_rk2_tasks_in_the_trash_are_no_neighbours(api, project, member, owner, four, body):
    client = api(owner)
    moved = four[2] if "after" in body else four[1]
    gone = four[1] if "after" in body else four[2]
    client.delete(f"/api/tasks/{gone.pk}/")

    response = move(api(member), moved, **{name: four[value].pk for name, value in body.items()})

    assert response.status_code == 200
    assert reorderings(project) == []


def test_rk2_a_task_at_an_end_of_what_is_visible_is_there_already(api, project, member, owner, four):
    client = api(owner)
    client.delete(f"/api/tasks/{four[0].pk}/")
    client.delete(f"/api/tasks/{four[3].pk}/")

    assert move(api(member), four[1], position="first").status_code == 200
    assert move(api(member), four[2], position="last").status_code == 200
    assert reorderings(project) == []


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "", "exactly_one"),
        ({"status": "done"}, "", "exactly_one"),
        ({"after": 1, "before": 2}, "", "exactly_one"),
        ({"after": 1, "position": "last"}, "", "exactly_one"),
        ({"position": "middle"}, "/position", "invalid_choice"),
        ({"position": None}, "/position", "null"),
        ({"after": None}, "/after", "null"),
        ({"after": "x"}, "/after", "invalid"),
        ({"after": 0}, "/after", "min_value"),
        ({"after": 2**63}, "/after", "max_value"),
        ({"position": "last", "status": "gone"}, "/status", "invalid_choice"),
        ({"position": "last", "rank": "V"}, "/rank", "unknown_field"),
        ({"after": 999_999_999}, "/after", "does_not_exist"),
        ({"before": 999_999_999}, "/before", "does_not_exist"),
    ],
)
def test_rk2_rk3_a_bad_body_is_rejected_at_its_field(api, project, member, task, body, pointer, code):
    before = snapshot()

    response = move(api(member), task, **body)

    assert response.status_code == 400
    assert (pointer, code) in [(error["pointer"], error["code"]) for error in response.json()["errors"]]
    assert snapshot() == before


def test_rk4_place_and_status_are_one_version_one_event_and_one_notification(api, project, member, owner, four):
    Task.objects.filter(pk__in=[four[0].pk, four[3].pk]).update(status="review")
    Task.objects.filter(pk=four[1].pk).update(assigned_to=owner)

    response = move(api(member), four[1], after=four[3].pk, status="review")

    shown = response.json()
    assert (response.status_code, shown["status"], shown["version"]) == (200, "review", 2)
    assert order(api(member), project, status="review") == "adb"
    [event] = Activity.objects.filter(project=project)
    assert (event.type, event.verb, event.task_id, event.object_ids) == (
        "task.updated",
        "status_changed",
        four[1].pk,
        None,
    )
    assert event.changes == {"status": {"from": "todo", "to": "review"}}
    assert kinds_and_recipients() == {("task_status_changed", "owner")}


def test_rk4_a_status_that_it_has_already_is_a_change_of_place_alone(api, project, member, four):
    response = move(api(member), four[0], after=four[3].pk, status="todo")

    assert response.json()["version"] == 1
    assert [event.type for event in Activity.objects.filter(project=project)] == ["task.reordered"]


def test_rk4_a_status_where_the_place_is_the_same_is_a_change_of_status_alone(api, project, member, four):
    response = move(api(member), four[0], position="first", status="done")

    assert response.json()["version"] == 2
    assert [event.type for event in Activity.objects.filter(project=project)] == ["task.updated"]


def test_rk4_the_place_alone_leaves_version_and_time_and_notifies_nobody(api, project, member, owner, four):
    Task.objects.filter(pk=four[0].pk).update(assigned_to=owner, created_by=owner)
    client = api(member)
    before = client.get(f"/api/tasks/{four[0].pk}/")

    moved = move(client, four[0], position="last")

    assert moved.json() == before.json() | {"rank": moved.json()["rank"]}
    assert moved["ETag"].split(".")[0] == before["ETag"].split(".")[0]
    assert moved["ETag"] != before["ETag"]
    assert kinds_and_recipients() == set()
    edited = client.patch(f"/api/tasks/{four[0].pk}/", {"title": "edited"}, headers={"If-Match": before["ETag"]})
    assert edited.status_code == 200


def test_rk4_a_reordering_is_not_in_the_history(api, project, member, four):
    client = api(member)
    move(client, four[0], position="last")

    assert client.get(f"/api/projects/{project.pk}/activity/").json()["results"] == []
    assert client.get(f"/api/tasks/{four[0].pk}/activity/").json()["results"] == []


def test_another_version_than_the_expected_one_moves_nothing(api, project, member, four):
    client = api(member)
    response = client.post(
        f"/api/tasks/{four[0].pk}/move/", {"position": "last"}, headers={"If-Match": '"7.0123456789abcdef"'}
    )

    assert (response.status_code, response.json()["code"]) == (412, "precondition_failed")
    assert order(client, project) == "abcd"


def test_rk5_the_later_of_two_moves_into_one_gap_stands_nearer_to_the_anchor(api, project, member, four):
    client = api(member)
    move(client, four[2], after=four[0].pk)
    move(client, four[3], after=four[0].pk)
    assert order(client, project) == "adcb"

    move(client, four[0], before=four[1].pk)
    move(client, four[2], before=four[1].pk)
    assert order(client, project) == "dacb"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("ordering=rank", "needs_project"),
        ("ordering=-rank", "needs_project"),
        ("ordering=rank&project={project}&project={other}", "needs_project"),
        ("ordering=rank,title&project={project}", "invalid_choice"),
        ("ordering=title,-rank&project={project}", "invalid_choice"),
        ("ordering=rank,-rank&project={project}", "invalid_choice"),
    ],
)
def test_rk6_an_order_by_rank_needs_exactly_one_project_and_no_other_key(api, project, member, query, code):
    other = ProjectFactory(owner=member, key="OTHER")

    response = api(member).get(f"/api/tasks/?{query.format(project=project.pk, other=other.pk)}")

    assert response.status_code == 400
    assert [(error["pointer"], error["code"]) for error in response.json()["errors"]] == [("/ordering", code)]


@pytest.mark.parametrize("ordering", ["rank", "-rank"])
def test_rk6_walking_the_list_by_rank_shows_every_task_once(api, project, member, ordering):
    tasks = [TaskFactory(project=project, title=str(number)) for number in range(7)]
    client = api(member)
    url, found = f"/api/tasks/?project={project.pk}&ordering={ordering}&page_size=3", []
    while url:
        page = client.get(url).json()
        found += [row["id"] for row in page["results"]]
        url = page["next"]
        # Moved where the walk has been: nobody who was not moved is missed or shown twice
        move(client, tasks[0] if ordering == "rank" else tasks[6], position="first" if ordering == "rank" else "last")

    expected = [task.pk for task in tasks]
    assert found == (expected if ordering == "rank" else expected[::-1])


def test_rk6_a_page_can_be_left_backwards_too(api, project, member, four):
    client = api(member)
    first = client.get(f"/api/tasks/?project={project.pk}&ordering=rank&page_size=2").json()
    second = client.get(first["next"]).json()

    assert [row["title"] for row in second["results"]] == ["c", "d"]
    assert client.get(second["previous"]).json()["results"] == first["results"]


@pytest.mark.parametrize("with_status", [False, True])
def test_rk8_neighbours_are_spaced_again_when_a_key_would_be_too_long(api, project, member, four, with_status):
    client = api(member)
    low = even_key(0)
    high = even_key(1)
    while len(keys_between(low, high)[0]) <= LENGTH_MAX:
        [high] = keys_between(low, high)
    Task.objects.filter(pk=four[1].pk).update(rank=high)
    extra = {"status": "todo"} if not with_status else {"status": "review"}
    if with_status:
        Task.objects.filter(pk=four[0].pk).update(status="review")

    response = move(client, four[3], after=four[0].pk, **extra)

    assert response.json()["effects"] == {"rebalanced": True}
    assert order(client, project) == "adbc"
    ranks = dict(Task.objects.filter(project=project).values_list("pk", "rank"))
    assert max(map(len, ranks.values())) <= LENGTH_MAX
    [event] = Activity.objects.filter(project=project)
    assert event.type == ("task.updated" if with_status else "task.reordered")
    changed = {pk for pk, rank in ranks.items() if rank != {task.pk: task.rank for task in four}[pk]}
    assert changed | {four[1].pk} == set(event.object_ids) | {four[1].pk}
    assert set(Task.objects.values_list("version", flat=True)) == ({1, 2} if with_status else {1})


@pytest.mark.parametrize("end", ["first", "last"])
def test_rk8_hundreds_of_moves_into_one_gap_keep_their_order_and_short_keys(api, project, owner, end):
    low, high = TaskFactory(project=project, title="low"), TaskFactory(project=project, title="high")
    rows = [TaskFactory(project=project, title=str(number)) for number in range(300)]
    client = api(owner)
    rebalanced = 0
    for task in rows:
        body = {"after": low.pk} if end == "first" else {"before": high.pk}
        rebalanced += "effects" in move(client, task, **body).json()

    titles = list(Task.objects.filter(project=project).order_by("rank").values_list("title", flat=True))
    between = [str(number) for number in range(300)]
    assert titles == ["low", *(between[::-1] if end == "first" else between), "high"]
    assert max(len(rank) for rank in Task.objects.values_list("rank", flat=True)) <= LENGTH_MAX
    assert 1 <= rebalanced <= 3
    print(f"rebalanced: {rebalanced} times in 300 moves into one gap ({end})")


def test_rk8_where_the_neighbours_lie_too_close_more_of_them_are_spaced(api, project, owner):
    """Three hundred tasks in a gap that is as good as full on both sides of the place."""
    low, high = even_key(0), even_key(1)
    while len(high) < LENGTH_MAX - 1:
        [high] = keys_between(low, high)
    keys = keys_between(low, high, 3_000)[:300]
    assert max(map(len, keys)) >= LENGTH_MAX
    tasks = [TaskFactory(project=project, title=f"{number:03}", rank=key) for number, key in enumerate(keys)]
    moved = TaskFactory(project=project, title="moved")
    client = api(owner)

    for number in (150, 151, 150, 151) * 5:
        assert move(client, moved, after=tasks[number].pk).status_code == 200

    titles = list(Task.objects.filter(project=project).order_by("rank").values_list("title", flat=True))
    assert titles == [f"{number:03}" for number in range(152)] + ["moved"] + [f"{n:03}" for n in range(152, 300)]
    ranks = Task.objects.values_list("rank", flat=True)
    assert max(map(len, ranks)) <= LENGTH_MAX


def test_rk9_in_an_archived_project_nothing_moves_and_archived_tasks_move_and_are_anchors(api, project, member, four):
    client = api(member)
    client.post(f"/api/tasks/{four[0].pk}/archive/")
    client.post(f"/api/tasks/{four[3].pk}/archive/")

    assert move(client, four[0], after=four[3].pk).status_code == 200
    assert order(client, project, archived="true") == "da"

    Project.objects.filter(pk=project.pk).update(archived_at="2026-01-01T00:00Z")
    response = move(client, four[1], position="last")
    assert (response.status_code, response.json()["code"]) == (409, "project_archived")


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("commenter", 403), ("member", 200), (None, 404)])
def test_members_move_and_nobody_else(api, project, outsider, task, role, status):
    TaskFactory(project=project)
    if role:
        MembershipFactory(project=project, user=outsider, role=role)

    assert move(api(outsider), task, position="last").status_code == status
    assert len(reorderings(project)) == (status == 200)


def test_a_task_in_the_trash_is_not_moved(api, project, owner, four):
    client = api(owner)
    client.delete(f"/api/tasks/{four[0].pk}/")

    response = move(client, four[0], position="last")

    assert (response.status_code, response.json()["code"]) == (404, "in_trash")


def test_a_list_in_the_manual_order_is_read_off_its_index(project, member):
    TaskFactory(project=project)
    other = ProjectFactory(owner=member, key="BULK")
    insert_tasks(other, 3_000)
    rows = Task.objects.visible_to(member).filter(project=other, archived_at=None).order_by("rank")[:50]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {rows.query}")
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert "task_kept_by_rank" in plan
    assert "Sort" not in plan
