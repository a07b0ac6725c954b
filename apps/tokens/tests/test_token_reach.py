"""A token that is limited to projects: nothing else exists for it (contract TK3, TK8)."""

from __future__ import annotations

import inspect
import sys
from functools import _lru_cache_wrapper

import pytest

from apps.common.lists import kept
from apps.common.origin import Door, Origin, acting_through
from apps.notifications.models import Notification
from apps.projects.models import Membership
from apps.projects.services import ensure_inbox
from apps.projects.tests.factories import ProjectFactory
from apps.tasks.models import SavedView
from apps.tasks.services import delete_task
from apps.tasks.tests.factories import TaskFactory
from apps.tokens.models import ApiTokenProject
from apps.tokens.tests.factories import client_with, make_token, script

pytestmark = pytest.mark.django_db


@pytest.fixture
def other(owner):
    return ProjectFactory(owner=owner, name="Secret", key="SEC")


@pytest.fixture
def hidden(other):
    return TaskFactory(project=other, title="Hidden task")


@pytest.fixture
def client(owner, project, other, task):
    return script(owner, projects=[project])


def ids(response):
    assert response.status_code == 200, response.content
    return [row["id"] for row in response.json()["results"]]


def test_tk3_lists_counts_statistics_and_search_narrow_themselves(client, owner, project, other, task, hidden, api):
    assert ids(client.get("/api/projects/")) == [project.pk]
    assert ids(client.get("/api/tasks/")) == [task.pk]
    assert ids(client.get("/api/tasks/", {"search": "Hidden"})) == []
    assert ids(client.post("/api/tasks/query/", {"filter": "not archived"})) == [task.pk]
    assert client.get("/api/tasks/", {"filter": "project = SEC"}).status_code == 400
    alone = client.get("/api/tasks/statistics/").json()
    whole = api(owner).get("/api/tasks/statistics/").json()
    assert (alone["total"], whole["total"]) == (1, 2)
    # Statements are kept for the process: a session after a token, and a token with all projects, see everything
    assert ids(api(owner).get("/api/tasks/")) == [hidden.pk, task.pk]
    assert ids(script(owner).get("/api/tasks/")) == [hidden.pk, task.pk]


def test_tk3_what_is_not_listed_is_404(client, other, hidden):
    for url in (
        f"/api/projects/{other.pk}/",
        f"/api/projects/{other.pk}/activity/",
        f"/api/projects/{other.pk}/members/",
        f"/api/projects/{other.pk}/labels/",
        f"/api/projects/{other.pk}/reports/",
        f"/api/projects/{other.pk}/watch/",
        f"/api/tasks/{hidden.pk}/",
        f"/api/tasks/{hidden.pk}/tree/",
        f"/api/tasks/{hidden.pk}/comments/",
        f"/api/tasks/{hidden.pk}/activity/",
        f"/api/tasks/{hidden.pk}/watch/",
    ):
        assert (url, client.get(url).status_code) == (url, 404)
    assert client.patch(f"/api/tasks/{hidden.pk}/", {"title": "New"}).status_code == 404
    assert client.delete(f"/api/projects/{other.pk}/").status_code == 404


def test_tk3_bodies_that_name_it_are_400_does_not_exist(client, owner, project, other, task, hidden):
    ensure_inbox(owner)
    url = "/api/tasks/"
    for method, path, body, pointer in (
        ("post", url, {"title": "New", "project": other.pk}, "/project"),
        ("post", url, {"title": "New"}, "/project"),
        ("post", url, {"title": "New", "parent": hidden.pk}, "/parent"),
        ("patch", f"{url}{task.pk}/", {"project": other.pk}, "/project"),
        ("post", f"{url}{task.pk}/relations/", {"kind": "relates", "task": hidden.pk}, "/task"),
        ("post", "/api/trash/empty/", {"project": other.pk}, "/project"),
        ("post", "/api/views/", {"name": "View", "project": other.pk, "filter": "overdue"}, "/project"),
    ):
        response = getattr(client, method)(path, body)
        assert (path, response.status_code, response.json().get("errors", [{}])[0].get("code")) == (
            path,
            400,
            "does_not_exist",
        )
        assert response.json()["errors"][0]["pointer"] == pointer
    assert client.post(url, {"title": "New", "project": project.pk}).status_code == 201


def test_tk3_a_task_without_a_project_needs_the_inbox_among_them(owner, project):
    client = script(owner, projects=[project, ensure_inbox(owner)])

    assert client.post("/api/tasks/", {"title": "New"}).status_code == 201


def test_tk3_a_limited_token_creates_no_project(client, owner):
    response = client.post("/api/projects/", {"name": "New"})

    assert (response.status_code, response.json()["code"]) == (403, "not_for_tokens")
    assert script(owner).post("/api/projects/", {"name": "New"}).status_code == 201


def test_tk3_the_far_end_of_a_relation_is_not_visible(client, owner, api, task, hidden):
    made = api(owner).post(f"/api/tasks/{task.pk}/relations/", {"kind": "relates", "task": hidden.pk})
    assert made.status_code == 201

    response = client.get(f"/api/tasks/{task.pk}/relations/")

    (relation,) = response.json()["results"]
    assert relation["task"] == {"visible": False}
    assert b"Hidden" not in response.content


def test_tk3_the_trash_views_and_view_counts_narrow_themselves(client, owner, api, project, other, task, hidden):
    for each in (project, other):
        SavedView.objects.create(
            owner=owner, project=each, name=each.key, filter="overdue", ast={"flag": "overdue"}, is_shared=True
        )
    everywhere = api(owner).post("/api/views/", {"name": "All", "filter": "not archived"}).json()["id"]
    assert [row["name"] for row in client.get("/api/views/").json()["results"]] == ["All", "WEB"]
    assert client.get("/api/views/counts/", {"ids": everywhere}).json()["counts"] == {str(everywhere): 1}
    trashed, shown = delete_task(actor=owner, task=hidden), delete_task(actor=owner, task=task)

    assert ids(client.get("/api/trash/")) == [shown.pk]
    assert client.get(f"/api/trash/{trashed.pk}/").status_code == 404
    assert client.post(f"/api/trash/{trashed.pk}/restore/", {}).status_code == 404
    assert client.get(f"/api/tasks/{hidden.pk}/").json()["code"] == "not_found"
    assert client.get(f"/api/tasks/{task.pk}/").json()["code"] == "in_trash"


def test_tk3_notifications_of_other_projects_are_neither_listed_nor_counted_nor_marked(client, owner, project, other):
    for number, place in enumerate((project.pk, other.pk, None)):
        Notification.objects.create(
            recipient=owner,
            kind="project_member_removed" if place == other.pk else "project_member_added",
            dedupe_key=f"note:{number}",
            project_id=place,
            data={"changes": {"role": {"from": "admin", "to": "member"}}},
        )

    assert [row["project"] for row in client.get("/api/notifications/").json()["results"]] == [project.pk]
    assert client.get("/api/notifications/unread-count/").json() == {"unread": 1}
    assert client.post("/api/notifications/read-all/").json() == {"read": 1}
    assert Notification.objects.filter(read_at=None, kind__startswith="project").count() == 2


def test_tk3_a_batch_that_touched_another_project_is_404_and_not_listed(client, owner, api, task, hidden):
    own, both = (
        api(owner)
        .post("/api/tasks/bulk/", {"ids": chosen, "action": "update", "changes": {"priority": "high"}})
        .json()["batch_id"]
        for chosen in ([task.pk], [hidden.pk])
    )

    assert ids(client.get("/api/batches/")) == [own]
    assert client.get(f"/api/batches/{both}/").status_code == 404
    assert client.get(f"/api/batches/{both}/results/").status_code == 404
    assert client.post(f"/api/batches/{both}/undo/", {}).status_code == 404
    assert client.post(f"/api/batches/{own}/undo/", {}).status_code == 200
    hidden.refresh_from_db()
    assert hidden.priority == "high"


def test_tk3_a_bulk_change_finds_what_is_listed(client, task, hidden):
    found = client.post(
        "/api/tasks/bulk/", {"filter": "not archived", "action": "update", "changes": {"priority": "high"}}
    )
    named = client.post("/api/tasks/bulk/", {"ids": [hidden.pk], "action": "archive"})

    assert [each["id"] for each in found.json()["results"]] == [task.pk]
    assert named.status_code == 422


def test_tk8_a_project_in_the_trash_and_one_that_was_left_are_invisible_until_they_are_back(
    api, owner, member, project, task
):
    made = make_token(member, projects=[project])
    client, url = client_with(made.text), f"/api/auth/tokens/{made.token.pk}/"
    entry_id = api(owner).delete(f"/api/projects/{project.pk}/")["Location"].split("/")[-2]
    assert (ids(client.get("/api/tasks/")), api(member).get(url).json()["projects"]) == ([], [])

    assert api(owner).post(f"/api/trash/{entry_id}/restore/", {}).status_code == 200
    assert (ids(client.get("/api/tasks/")), api(member).get(url).json()["projects"]) == ([task.pk], [project.pk])
    Membership.objects.filter(user=member).delete()
    assert ids(client.get("/api/tasks/")) == []
    Membership.objects.create(project=project, user=member, role="viewer")
    assert ids(client.get("/api/tasks/")) == [task.pk]


def test_tk8_a_token_whose_last_project_is_gone_sees_nothing_and_not_everything(
    api, owner, project, other, task, hidden, settings
):
    settings.TRASH_DAYS = 0
    client = script(owner, projects=[project])
    assert ids(client.get("/api/tasks/")) == [task.pk]

    assert api(owner).delete(f"/api/projects/{project.pk}/").status_code == 204

    assert not ApiTokenProject.objects.exists()
    assert ids(client.get("/api/tasks/")) == []
    assert ids(client.get("/api/projects/")) == []
    assert client.get("/api/tasks/statistics/").json()["total"] == 0
    assert client.get(f"/api/tasks/{hidden.pk}/").status_code == 404


def kept_statements():
    """Yield each function of the applications that keeps one statement for the process."""
    for name, module in list(sys.modules.items()):
        if name.startswith("apps.") and ".tests" not in name:
            for function in vars(module).values():
                kept = isinstance(function, _lru_cache_wrapper) and not inspect.signature(function).parameters
                if kept and function.__module__ == name and "Statement" in str(function.__annotations__["return"]):
                    yield function


def test_tk3_no_statement_that_is_kept_for_everybody_depends_on_the_reach_of_a_token():
    limited = Door(Origin.TOKEN, token_id=1, user_id=1, projects=(1,))
    functions = set(kept_statements())
    assert len(functions) > 5

    for function in functions:
        with acting_through(limited):
            narrow = function.__wrapped__().text
        assert narrow == function.__wrapped__().text, f"{function.__module__}: use apps.common.lists.reads.statement"


def test_tk8_a_bulk_change_through_a_limited_token_and_through_a_session_follow_each_other(
    client, owner, task, hidden, api
):
    kept.forget()
    body = {"ids": [task.pk, hidden.pk], "action": "update", "changes": {"priority": "high"}, "mode": "best_effort"}

    limited = client.post("/api/tasks/bulk/", body).json()["results"]
    whole = api(owner).post("/api/tasks/bulk/", body).json()["results"]

    assert [(item["result"], item["key"]) for item in limited] == [("changed", task.key), ("failed", None)]
    assert [item["result"] for item in whole] == ["unchanged", "changed"]
