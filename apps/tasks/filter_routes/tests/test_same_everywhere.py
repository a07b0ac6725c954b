"""One filter and reader find the same tasks by every route that takes a filter (contract FI9)."""

from __future__ import annotations

import csv
import io
import json

import pytest
from django.urls import Resolver404, resolve

from apps.projects.tests.factories import ProjectFactory
from apps.tasks.labels.services import create_label
from apps.tasks.relations.services import create_relation
from apps.tasks.services import archive_task, delete_task, update_task
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db
FILTERS = [
    "status != done",
    "assignee = me or assignee is empty",
    "not (due < today) and priority >= medium",
    "label none (bug)",
    "archived or blocked",
    "root and not overdue",
    'title ~ "second tas"',
    "created = today and watching",
]


@pytest.fixture
def board(project, owner, member):
    """Return a project with tasks in every state, beside one of others."""
    bug = create_label(actor=owner, project_id=project.pk, name="bug")
    first, second, third, fourth, fifth = (
        TaskFactory(project=project, title=f"{word} task", created_by=owner, assigned_to=person)
        for word, person in [("First", member), ("Second", None), ("Third", owner), ("Fourth", member), ("Fifth", None)]
    )
    child = TaskFactory(project=project, title="Child", parent=first, due_date="2026-01-01T00:00:00Z")
    update_task(actor=owner, task=second, changes={"labels": [bug.pk], "priority": "urgent"})
    update_task(actor=owner, task=third, changes={"status": "done"})
    create_relation(actor=owner, task=second, kind="blocks", other=child.pk)
    archive_task(actor=owner, task=fourth)
    delete_task(actor=owner, task=fifth)
    TaskFactory(title="Second task of others", project=ProjectFactory())
    return project


def by_list(client, text):
    return [row["id"] for row in client.get("/api/tasks/", {"filter": text, "page_size": 100}).json()["results"]]


def by_query(client, text):
    return [row["id"] for row in client.post("/api/tasks/query/", {"filter": text, "page_size": 100}).json()["results"]]


def by_bulk(client, text):
    body = {"filter": text, "action": "update", "changes": {"duration": 5}, "dry_run": True, "mode": "best_effort"}
    return [item["id"] for item in client.post("/api/tasks/bulk/", body).json()["results"]]


def by_csv(client, text, ids_by_key):
    """Return what the export has; there is none while no app has the route."""
    try:
        resolve("/api/tasks/export/")
    except Resolver404:
        return None
    answer = client.get("/api/tasks/export/", {"filter": text})
    rows = csv.DictReader(io.StringIO(b"".join(answer).decode("utf-8-sig")))
    return [ids_by_key[row["key"]] for row in rows]


@pytest.mark.parametrize("text", FILTERS)
def test_fi9_every_route_finds_the_same_tasks(api, member, board, text):
    client = api(member)
    view = client.post("/api/views/", {"name": "The same", "filter": text}).json()["id"]

    found = sorted(by_list(client, text))

    assert found, "a filter that finds nothing proves nothing"
    assert sorted(by_query(client, text)) == found
    assert sorted(row["id"] for row in client.get("/api/tasks/", {"view": view}).json()["results"]) == found
    assert sorted(by_bulk(client, text)) == found
    assert client.get("/api/views/counts/", {"ids": view}).json()["counts"] == {str(view): len(found)}
    assert counted(client, filter=text) == counted(client, view=view) == len(found)
    keys = {
        row["key"]: row["id"]
        for archived in ("true", "false")
        for row in client.get("/api/tasks/", {"archived": archived}).json()["results"]
    }
    assert sorted(by_csv(client, text, keys) or found) == found


def counted(client, **query):
    """Return how many tasks the statistics count."""
    return json.loads(client.get("/api/tasks/statistics/", query).content)["total"]
