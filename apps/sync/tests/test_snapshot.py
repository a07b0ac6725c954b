"""POST sync/ without a token: everything that the person sees, page by page."""

from __future__ import annotations

import re

import psycopg
import pytest
from django.db import connection

from apps.common.sql.statements import prepared
from apps.sync import snapshots
from apps.sync.tests.replay import PATH, Copy
from apps.tasks.models import Attachment, AttachmentState
from apps.tasks.services import create_task


@pytest.fixture
def filled(api, owner, member, project, task):
    """A project with one thing of each type."""
    client = api(owner)
    label = client.post(f"/api/projects/{project.pk}/labels/", {"name": "bug", "color": "#ff0000"}).json()
    other = client.post("/api/tasks/", {"project": project.pk, "title": "Other", "labels": [label["id"]]}).json()
    client.post(f"/api/tasks/{task.pk}/comments/", {"body": "Look"})
    client.post(f"/api/tasks/{task.pk}/relations/", {"kind": "blocks", "task": other["id"]})
    client.post("/api/views/", {"name": "Ours", "project": project.pk, "is_shared": True, "filter": "status = todo"})
    Attachment.objects.create(
        task=task, project=project, uploaded_by=owner, name="a.txt", storage_name="a", state=AttachmentState.READY
    )
    return client


def test_sy1_a_new_copy_has_each_visible_project_whole(api, filled, member, owner, project, task):
    copy = Copy(api(member))
    first = copy.page()

    assert first["me_changed"] is True
    assert first["has_more"] is False
    counts = {type_: len(copy.of(type_)) for type_ in ("label", "task", "comment", "relation", "attachment", "view")}
    assert counts == {"label": 1, "task": 2, "comment": 1, "relation": 1, "attachment": 1, "view": 1}
    assert set(copy.of("member")) == {owner.pk, member.pk}
    assert {person["id"] for person in first["people"]} == {owner.pk, member.pk}
    project.refresh_from_db()
    assert {change["seq"] for change in first["changes"] if change["project"] == project.pk} == {project.last_seq}


def test_sy1_reading_changes_nothing_and_a_page_can_be_read_again(api, filled, member):
    copy = Copy(api(member), limit=3)
    copy.page()

    assert copy.post().json() == copy.post().json()
    assert api(member).post(PATH, {}).json()["changes"] == api(member).post(PATH, {"since": None}).json()["changes"]


def test_sy3_a_page_looks_for_no_type_that_it_has_no_room_for(api, filled, member, monkeypatch):
    plans = []

    def explained(text, values):
        with psycopg.ClientCursor(connection.connection) as cursor:
            plans.append("\n".join(row[0] for row in cursor.execute(f"EXPLAIN ANALYZE {text}", values).fetchall()))
        return prepared(text, values)

    monkeypatch.setattr(snapshots, "prepared", explained)
    Copy(api(member), limit=3).page()  # the project, its two members, and a label that says that there is more

    read, unread = [
        [line for line in plans[0].splitlines() if re.search(rf" on tasks_({tables})\b", line)]
        for tables in ("label", "task|comment|relation|attachment|savedview")
    ]
    assert read
    assert unread
    assert not any("never executed" in line for line in read)
    assert all("never executed" in line for line in unread)


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_sy3_a_snapshot_in_small_pages_is_the_one_of_a_large_page(api, filled, member, limit):
    whole, paged = Copy(api(member)), Copy(api(member), limit=limit)

    whole.read()
    changes = paged.read()

    assert paged.objects == whole.objects
    order = ["project", "member", "label", "task", "comment", "relation", "attachment", "view"]
    own = [(change["project"], order.index(change["type"]), change["id"]) for change in changes]
    assert own == sorted(own)


def test_sy3_what_changes_during_the_snapshot_comes_again(api, filled, member, owner, project, task):
    copy = Copy(api(member), limit=4)
    first = copy.page()
    api(owner).patch(f"/api/tasks/{task.pk}/", {"title": "Changed"})
    new = create_task(actor=owner, project=project.pk, title="New")
    copy.read()

    assert first["has_more"] is True
    assert copy.of("task")[task.pk]["title"] == "Changed"
    assert copy.of("task")[new.pk]["title"] == "New"


def test_types_and_projects_narrow_a_copy(api, filled, member, owner, project):
    elsewhere = create_task(actor=member, title="In the Inbox")
    copy = Copy(api(member), types=["task"], projects=[project.pk])
    changes = copy.read()

    assert {change["type"] for change in changes} == {"task"}
    assert elsewhere.pk not in copy.of("task")
    assert len(changes) == 2


def test_shapes_are_those_of_the_routes_without_what_is_derived(api, filled, member, project, task):
    client = api(member)
    copy = Copy(client)
    copy.read()

    shown = client.get(f"/api/tasks/{task.pk}/").json()
    row = copy.of("task")[task.pk]
    for name, value in row.items():
        expected = shown[name]
        if isinstance(expected, dict) and name != "metadata":
            expected = expected["id"]
        if name == "labels":
            expected = [label["id"] for label in expected]
        assert value == expected, name
    left_out = {"subtasks", "comments_count", "attachments_count", "is_blocked", "is_watching"}
    left_out |= {"watchers_count", "relations_count", "key"}
    assert set(shown) - set(row) == left_out
    (label,) = client.get(f"/api/projects/{project.pk}/labels/").json()["results"]
    assert copy.of("label")[label["id"]] == {k: v for k, v in label.items() if k != "tasks_count"}
    (comment,) = client.get(f"/api/tasks/{task.pk}/comments/").json()["results"]
    expected = {k: v for k, v in comment.items() if k != "mentions"} | {"author": comment["author"]["id"]}
    assert copy.of("comment")[comment["id"]] == expected
    (file,) = client.get(f"/api/tasks/{task.pk}/attachments/").json()["results"]
    expected = {k: v for k, v in file.items() if k != "url"} | {"uploaded_by": file["uploaded_by"]["id"]}
    assert copy.of("attachment")[file["id"]] == expected | {"task": task.pk}
    (view,) = client.get("/api/views/").json()["results"]
    own = {"is_favourite", "is_broken", "filter"}
    expected = {k: v for k, v in view.items() if k not in own} | {"owner": view["owner"]["id"]}
    shown = copy.of("view")[view["id"]]
    assert {k: v for k, v in shown.items() if k != "ast"} == expected
    assert shown["ast"] == {"field": "status", "op": "=", "value": "todo"}
    whole = client.get(f"/api/projects/{project.pk}/").json()
    left_out = {"members", "members_count", "tasks_count", "open_tasks_count", "watch_level"}
    expected = {k: v for k, v in whole.items() if k not in left_out} | {"owner": whole["owner"]["id"]}
    assert copy.of("project")[project.pk] == expected
    members = {row["user"]["id"]: row | {"user": row["user"]["id"]} for row in whole["members"]}
    assert {
        pk: row for (type_, place, pk), row in _of_three(copy) if place == project.pk and type_ == "member"
    } == members


def _of_three(copy):
    return [(key, row) for key, row in copy.objects.items() if len(key) == 3]


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"types": ["tasks"]}, "/types/0", "invalid_choice"),
        ({"types": []}, "/types", "empty"),
        ({"projects": [10**9]}, "/projects/0", "does_not_exist"),
        ({"projects": ["x"]}, "/projects/0", "invalid"),
        ({"limit": 0}, "/limit", "min_value"),
        ({"limit": 501}, "/limit", "max_value"),
        ({"since": 7}, "/since", "invalid"),
        ({"after": 7}, "/after", "unknown_field"),
    ],
)
def test_bad_bodies_are_rejected(api, member, body, pointer, code):
    answer = api(member).post(PATH, body)

    assert answer.status_code == 400
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, code)]
