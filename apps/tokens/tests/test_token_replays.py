"""Idempotency-Key and tokens."""

from __future__ import annotations

import pytest

from apps.projects.services import ensure_inbox
from apps.projects.tests.factories import ProjectFactory
from apps.tasks.models import Task
from apps.tasks.tests.factories import TaskFactory
from apps.tokens.models import ApiToken
from apps.tokens.tests.factories import script
from apps.users.tests.factories import PASSWORD

pytestmark = pytest.mark.django_db

KEY = {"Idempotency-Key": "once"}


def test_h3_a_repeated_creation_answers_null_for_the_token(api, owner):
    body = {"name": "ci", "scopes": ["tasks:read"], "all_projects": True, "password": PASSWORD}

    first, second = (api(owner).post("/api/auth/tokens/", body, headers=KEY) for _ in range(2))

    assert (first.status_code, second.status_code) == (201, 201)
    assert second["Idempotency-Replayed"] == "true"
    assert first.json()["token"].startswith("thp_")
    assert second.json() == first.json() | {"token": None}
    assert ApiToken.objects.count() == 1


def test_tk12_a_key_is_the_owners_whatever_they_ask_with(api, owner, project):
    body = {"title": "New", "project": project.pk}

    first = api(owner).post("/api/tasks/", body, headers=KEY)
    second = script(owner, projects=[project]).post("/api/tasks/", body, headers=KEY)

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json()["id"] == first.json()["id"]
    assert Task.objects.count() == 1


def test_tk12_scopes_and_projects_are_judged_again_before_an_answer_is_repeated(api, owner, project):
    other = ProjectFactory(owner=owner, key="SEC")
    task, hidden = TaskFactory(project=project), TaskFactory(project=other)
    ensure_inbox(owner)
    view = {"name": "View", "project": other.pk, "filter": "overdue"}
    asked = [
        ("/api/tasks/", {"title": "New", "project": other.pk}, 400),
        ("/api/tasks/", {"title": "New"}, 400),
        ("/api/tasks/", {"title": "New", "parent": hidden.pk}, 400),
        ("/api/tasks/bulk/", {"ids": [hidden.pk], "action": "update", "changes": {"priority": "high"}}, 404),
        ("/api/tasks/bulk-create/", {"tasks": [{"title": "New", "project": other.pk}]}, 404),
        (f"/api/tasks/{task.pk}/relations/", {"kind": "relates", "task": hidden.pk}, 404),
        (f"/api/tasks/{hidden.pk}/comments/", {"body": "New"}, 404),
        (f"/api/projects/{other.pk}/labels/", {"name": "New"}, 404),
        ("/api/views/", view, 404),
        ("/api/projects/", {"name": "New"}, 403),
    ]
    limited, reader = script(owner, projects=[project]), script(owner, scopes=["tasks:read"])

    for number, (url, body, expected) in enumerate(asked):
        key = {"Idempotency-Key": f"key{number}"}
        first = api(owner).post(url, body, headers=key)
        assert first.status_code in {200, 201}, first.content
        assert (url, limited.post(url, body, headers=key).status_code) == (url, expected)
        assert reader.post(url, body, headers=key).json()["code"] == "insufficient_scope"
        assert api(owner).post(url, body, headers=key)["Idempotency-Replayed"] == "true"


def test_tk12_an_undo_is_judged_again(api, owner, project):
    hidden = TaskFactory(project=ProjectFactory(owner=owner, key="SEC"))
    body = {"ids": [hidden.pk], "action": "update", "changes": {"priority": "high"}}
    batch = api(owner).post("/api/tasks/bulk/", body).json()["batch_id"]
    assert api(owner).post(f"/api/batches/{batch}/undo/", {}, headers=KEY).status_code == 200

    assert script(owner, projects=[project]).post(f"/api/batches/{batch}/undo/", {}, headers=KEY).status_code == 404
