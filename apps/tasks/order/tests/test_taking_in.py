"""Where tasks go that come into a project (RK7), and what the former version writes meanwhile (M2)."""

import importlib
from datetime import timedelta
from itertools import pairwise

import pytest
from django.apps import apps as django_apps
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from apps.common.transactions import run_write
from apps.projects.models import Activity, NewTasks, Project
from apps.projects.services import lock_project
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.models import Task
from apps.tasks.order.keys import MIDDLE, STEP, even_key
from apps.tasks.order.services import take_in_tasks
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db


def titles(project):
    """Return the titles in the manual order, as Python compares bytes."""
    rows = Task.objects.filter(project=project).values_list("rank", "title")
    return [title for _, title in sorted(rows, key=lambda row: row[0].encode())]


def insert_as_former_version(project, title, number):
    """Insert a task as a version does that knows no ranks; return its id."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO tasks_task (project_id, number, title, description, status, priority, metadata,
                attachments_count, version, created_at, updated_at, created_by_id)
            VALUES (%s, %s, %s, '', 'todo', 'medium', '{}', 0, 1, now(), now(), %s) RETURNING id
            """,
            [project.pk, number, title, project.owner_id],
        )
        return cursor.fetchone()[0]


@pytest.mark.parametrize(("end", "expected"), [("last", ["a", "b", "c"]), ("first", ["c", "b", "a"])])
def test_rk7_new_tasks_go_to_the_end_that_the_project_names(api, project, owner, end, expected):
    Project.objects.filter(pk=project.pk).update(new_tasks=end)

    for title in "abc":
        response = api(owner).post("/api/tasks/", {"project": project.pk, "title": title})
        assert response.status_code == 201

    assert titles(project) == expected


@pytest.mark.parametrize(("end", "expected"), [("last", ["there", "moved"]), ("first", ["moved", "there"])])
def test_rk7_a_task_that_moves_in_goes_to_the_end_that_the_target_names(api, project, owner, end, expected):
    target = ProjectFactory(owner=owner, new_tasks=end)
    TaskFactory(project=target, title="there")
    task = TaskFactory(project=project, title="moved")

    assert api(owner).patch(f"/api/tasks/{task.pk}/", {"project": target.pk}).status_code == 200

    assert titles(target) == expected


@pytest.mark.parametrize("end", NewTasks.values)
def test_rk7_what_comes_in_together_keeps_its_own_order(project, end):
    Project.objects.filter(pk=project.pk).update(new_tasks=end)
    TaskFactory(project=project)

    def work():
        return take_in_tasks(lock_project(project.pk), tasks=500, open_tasks=300)

    slots = run_write(work)

    ranks = [slot.rank for slot in slots]
    assert [slot.number for slot in slots] == list(range(2, 502))
    assert all(one.encode() < other.encode() for one, other in pairwise(ranks))
    there = Task.objects.get().rank
    assert all((rank > there) == (end == "last") for rank in ranks)
    project.refresh_from_db()
    assert (project.tasks_count, project.open_tasks_count, project.last_task_number) == (501, 301, 501)


def test_rk7_a_restored_task_has_the_rank_it_had_and_nobody_took_it(api, project, owner):
    _, gone, _ = [TaskFactory(project=project, title=title) for title in ("first", "gone", "last")]
    client = api(owner)
    entry = client.delete(f"/api/tasks/{gone.pk}/")["Location"]
    TaskFactory(project=project, title="newer")

    assert client.post(f"{entry}restore/").status_code == 200

    assert Task.objects.get(pk=gone.pk).rank == gone.rank
    assert titles(project) == ["first", "gone", "last", "newer"]


def test_m2_rows_of_the_former_version_go_to_the_end_that_the_project_names(project):
    TaskFactory(project=project, title="a")
    insert_as_former_version(project, "b", 2)
    Project.objects.filter(pk=project.pk).update(new_tasks="first")
    insert_as_former_version(project, "c", 3)
    assert titles(project) == ["c", "a", "b"]


def test_m2_many_rows_of_the_former_version_by_one_statement_have_distinct_ranks(project):
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO tasks_task (project_id, number, title, description, status, priority, metadata,
                attachments_count, version, created_at, updated_at)
            SELECT %s, n, n::text, '', 'todo', 'medium', '{}', 0, 1, now(), now() FROM generate_series(1, 200) n
            """,
            [project.pk],
        )
    assert len(set(Task.objects.values_list("rank", flat=True))) == 200


def test_m2_a_task_that_the_former_version_moves_finds_a_free_rank(project):
    task, there = TaskFactory(title="moved"), TaskFactory(project=project, title="there")
    Task.objects.filter(pk=task.pk).update(rank=there.rank)

    Task.objects.filter(pk=task.pk).update(project=project, number=2)

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert titles(project) == ["there", "moved"]


def test_rk1_a_rank_is_unique_in_its_project(project):
    one, other = TaskFactory(project=project), TaskFactory(project=project)
    TaskFactory(project=ProjectFactory(), rank=one.rank)  # in another project it is free

    with pytest.raises(IntegrityError, match="task_rank_unique_in_project"), transaction.atomic():
        Task.objects.filter(pk=other.pk).update(rank=one.rank)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_database_numbers_ranks_as_the_application_does():
    numbers = [1, 61, 62, STEP, MIDDLE - 1, MIDDLE, MIDDLE + 12_345 * STEP, 62**8 - 1]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT taskhouse_rank(n), taskhouse_rank_number(taskhouse_rank(n) || 'V') FROM unnest(%s::bigint[]) n",
            [numbers],
        )
        rows = cursor.fetchall()

    assert [number for _, number in rows] == numbers
    assert rows[5][0] == even_key(0)
    assert rows[6][0] == even_key(12_345)
    assert [text for text, _ in rows] == sorted(text for text, _ in rows)


def test_a_viewer_moves_nothing_in(api, project, owner):
    target = ProjectFactory(owner=owner)
    reader = MembershipFactory(project=target, role="viewer").user
    MembershipFactory(project=project, user=reader, role="member")
    task = TaskFactory(project=project)

    assert api(reader).patch(f"/api/tasks/{task.pk}/", {"project": target.pk}).status_code == 403
    assert Task.objects.get(pk=task.pk).rank == task.rank


def test_m3_the_tasks_that_are_there_are_ranked_evenly_by_their_creation_below_what_came_meanwhile(
    project, monkeypatch
):
    migration = importlib.import_module("apps.tasks.migrations.0012_fill_ranks")
    now = timezone.now()
    for age in (5, 2, 4, 3):
        TaskFactory(project=project, title=f"{age} days", created_at=now - timedelta(days=age))
    TaskFactory(title="elsewhere")
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE tasks_task ALTER COLUMN rank DROP NOT NULL")
        cursor.execute("UPDATE tasks_task SET rank = NULL")
    insert_as_former_version(project, "meanwhile", 50)
    monkeypatch.setattr(migration, "BATCH", 3)

    migration.rank(django_apps, None)
    migration.rank(django_apps, None)

    assert titles(project) == ["5 days", "4 days", "3 days", "2 days", "meanwhile"]
    ranks = sorted(Task.objects.filter(project=project).values_list("rank", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("SELECT taskhouse_rank_number(unnest(%s::text[]))", [ranks])
        numbers = [number for (number,) in cursor.fetchall()]
    assert {other - one for one, other in pairwise(numbers)} == {STEP}
    assert Task.objects.get(title="elsewhere").rank == even_key(0)


def test_rk7_admins_say_where_new_tasks_go(api, project, admin, member):
    url = f"/api/projects/{project.pk}/"
    assert api(member).patch(url, {"new_tasks": "first"}).status_code == 403
    assert api(admin).get(url).json()["new_tasks"] == "last"

    response = api(admin).patch(url, {"new_tasks": "first"})

    assert (response.status_code, response.json()["new_tasks"], response.json()["version"]) == (200, "first", 2)
    [event] = Activity.objects.filter(project=project)
    assert (event.type, event.changes) == ("project.updated", {"new_tasks": {"from": "last", "to": "first"}})
    assert api(admin).put(url, {"name": "Renamed"}).json()["new_tasks"] == "first"


@pytest.mark.parametrize("value", ["middle", "", None, 1, ["first"]])
def test_rk7_another_end_is_rejected_at_its_field(api, project, admin, value):
    response = api(admin).patch(f"/api/projects/{project.pk}/", {"new_tasks": value})

    assert response.status_code == 400
    assert [error["pointer"] for error in response.json()["errors"]] == ["/new_tasks"]


def test_rk7_a_new_project_takes_it_as_well(api, outsider):
    body = {"name": "Backlog", "new_tasks": "first"}
    assert api(outsider).post("/api/projects/", body).json()["new_tasks"] == "first"
