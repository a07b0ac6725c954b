"""`is_blocked`, and the filters that find tasks by their relations (contract DE6)."""

from __future__ import annotations

import pytest
from django.utils import timezone

from apps.projects.models import Project
from apps.projects.roles import Role
from apps.projects.tests.factories import MembershipFactory
from apps.tasks.models import Task
from apps.tasks.relations.tests.relation_helpers import archive, finish, relate, trash_project
from apps.tasks.services import archive_task, delete_task, unarchive_task
from apps.tasks.tests.factories import TaskFactory
from apps.tasks.trash.services import restore_entry

pytestmark = pytest.mark.django_db


def is_blocked(client, task):
    """Return what the task's own page and the list say, which is the same."""
    alone = client.get(f"/api/tasks/{task.pk}/").json()["is_blocked"]
    rows = client.get("/api/tasks/", {"project": task.project_id}).json()["results"]
    [in_list] = [row["is_blocked"] for row in rows if row["id"] == task.pk]
    assert alone is in_list
    return alone


def found(client, **query):
    """Return the titles of the tasks that a list finds."""
    response = client.get("/api/tasks/", query)
    assert response.status_code == 200, response.content
    return sorted(row["title"] for row in response.json()["results"])


def test_de6_a_task_is_blocked_while_a_blocker_is_open(api, member, task, second):
    client = api(member)
    assert is_blocked(client, task) is False
    relate(second, "blocks", task)
    assert (is_blocked(client, task), is_blocked(client, second)) == (True, False)

    for status, blocked in (("in_progress", True), ("review", True), ("done", False), ("todo", True)):
        client.patch(f"/api/tasks/{second.pk}/status/", {"status": status})
        assert is_blocked(client, task) is blocked, status


def test_de6_other_kinds_do_not_block(api, member, task, second):
    relate(second, "relates", task)
    relate(second, "duplicates", task)

    assert is_blocked(api(member), task) is False


def test_de6_one_open_blocker_of_several_is_enough(api, member, task, second, project):
    other = TaskFactory(project=project)
    relate(second, "blocks", task)
    relate(other, "blocks", task)
    finish(second)

    assert is_blocked(api(member), task) is True
    finish(other)
    assert is_blocked(api(member), task) is False


def test_property_5_a_trashed_blocker_does_not_block_and_a_restored_one_does(api, owner, member, task, second):
    relate(second, "blocks", task)
    entry = delete_task(actor=owner, task=second)
    assert is_blocked(api(member), task) is False

    restore_entry(actor=owner, entry=entry)
    assert is_blocked(api(member), task) is True


def test_de6_an_archived_blocker_does_not_block(api, owner, member, task, second):
    relate(second, "blocks", task)
    archive_task(actor=owner, task=second)
    assert is_blocked(api(member), task) is False

    unarchive_task(actor=owner, task=second)
    assert is_blocked(api(member), task) is True


def test_de6_a_blocker_in_an_archived_or_trashed_project_does_not_block(api, owner, member, task, far):
    relate(far, "blocks", task, actor=owner)
    assert is_blocked(api(member), task) is True  # de4: counts, though nothing of it is visible

    archive(far.project)
    assert is_blocked(api(member), task) is False
    Project.objects.update(archived_at=None)
    assert is_blocked(api(member), task) is True
    trash_project(far.project)
    assert is_blocked(api(member), task) is False


@pytest.fixture
def board(owner, project):
    """Return tasks by title: blocked ones, blockers, and others."""
    tasks = {
        name: TaskFactory(project=project, title=name)
        for name in ("free", "blocked", "blocked but done", "blocker", "done blocker", "freed", "of a done one")
    }
    relate(tasks["blocker"], "blocks", tasks["blocked"])
    relate(tasks["blocker"], "blocks", tasks["blocked but done"])
    relate(tasks["done blocker"], "blocks", tasks["freed"])
    relate(tasks["of a done one"], "blocks", tasks["blocked but done"])
    for name in ("blocked but done", "done blocker"):
        finish(tasks[name])
    return tasks


def test_de6_the_filters_find_open_tasks_alone_and_false_is_all_others(api, member, board):
    client = api(member)
    everything = sorted(board)

    for query, expected in (({"blocked": "true"}, ["blocked"]), ({"blocking": "true"}, ["blocker"])):
        assert found(client, **query) == expected
        [name] = query
        assert found(client, **{name: "false"}) == sorted(set(everything) - set(expected))
    assert client.get(f"/api/tasks/{board['blocked but done'].pk}/").json()["is_blocked"] is True


def test_de6_an_archived_task_is_not_found_as_blocked(api, member, board):
    archive(board["blocked"])
    assert found(api(member), blocked="true", archived="true") == []
    assert found(api(member), blocked="false", archived="true") == ["blocked"]
    assert found(api(member), blocking="true") == []  # what it blocked is not open any more


def test_de6_in_an_archived_project_nothing_is_open(api, member, project, board):
    archive(project)

    assert found(api(member), project=project.pk, blocked="true") == []
    assert found(api(member), project=project.pk, blocking="true") == []
    assert found(api(member), project=project.pk, blocked="false") == sorted(board)


def test_de6_blockers_and_blocked_tasks_of_other_projects_count(api, owner, member, task, second, far):
    relate(far, "blocks", task, actor=owner)
    relate(second, "blocks", far, actor=owner)

    assert found(api(member), blocked="true") == [task.title]
    assert found(api(member), blocking="true") == [second.title]


def test_related_to_finds_both_ends_of_every_kind(api, member, task, project):
    names = {}
    for kind in ("blocks", "blocked_by", "relates", "duplicates", "duplicated_by"):
        relate(task, kind, TaskFactory(project=project, title=kind))
        names[kind] = kind
    TaskFactory(project=project, title="alone")

    assert found(api(member), related_to=task.pk) == sorted(names)
    other = Task.objects.get(title="blocks")
    assert found(api(member), related_to=other.pk) == [task.title]
    assert found(api(member), related_to=other.pk, status="done") == []


def test_related_to_an_unseen_task_is_answered_as_an_absent_one(api, owner, member, task, second, far):
    relate(task, "blocks", far, actor=owner)
    relate(task, "relates", second)
    delete_task(actor=owner, task=second)

    for other in (far.pk, second.pk, 10**17):
        assert found(api(member), related_to=other) == []
    assert found(api(owner), related_to=far.pk) == [task.title]
    MembershipFactory(project=far.project, user=member, role=Role.VIEWER)
    assert found(api(member), related_to=far.pk) == [task.title]


@pytest.mark.parametrize(
    ("name", "value"), [("blocked", "maybe"), ("blocking", "2"), ("related_to", "WEB-1"), ("related_to", "-1")]
)
def test_values_that_are_none_are_rejected(api, member, name, value):
    response = api(member).get("/api/tasks/", {name: value})

    assert response.status_code == 400
    assert [(one["pointer"], one["code"]) for one in response.json()["errors"]] == [(f"/{name}", "invalid")]


def test_statistics_take_the_same_filters(api, member, board):
    figures = api(member).get("/api/tasks/statistics/", {"blocked": "true"}).json()

    assert (figures["total"], figures["by_status"]["todo"]) == (1, 1)


def test_l3_a_list_with_blocked_tasks_stays_at_two_statements(api, member, board, project, django_assert_num_queries):
    client = api(member)
    client.get("/api/tasks/")
    for _ in range(3):
        blocker = TaskFactory(project=project, created_at=timezone.now())
        relate(blocker, "blocks", TaskFactory(project=project))

    with django_assert_num_queries(2):
        rows = client.get("/api/tasks/").json()["results"]
    assert sum(row["is_blocked"] for row in rows) == 5
