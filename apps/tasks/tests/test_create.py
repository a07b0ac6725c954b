"""POST /api/tasks/"""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.projects.models import Activity, Project
from apps.tasks.models import Task
from apps.tasks.tests.assertions import counts, kinds_and_recipients, snapshot

URL = "/api/tasks/"


def test_a_member_creates_a_task_with_every_field(api, project, member, owner):
    body = {
        "project": project.pk,
        "title": "  Write the release notes  ",
        "description": "  All of them\n",
        "status": "in_progress",
        "priority": "high",
        "assigned_to": owner.pk,
        "due_date": "2027-01-31T09:00:00+02:00",
        "duration": 90,
        "metadata": {"sprint": 7, "labels": ["docs"]},
    }

    response = api(member).post(URL, body)

    assert response.status_code == 201
    shown = response.json()
    assert response["ETag"].startswith('"1.')
    assert shown.pop("id") == Task.objects.get().pk
    assert shown.pop("created_at") == shown.pop("updated_at")
    assert shown == {
        "key": "WEB-1",
        "number": 1,
        "project": project.pk,
        "title": "Write the release notes",
        "description": "  All of them\n",
        "status": "in_progress",
        "priority": "high",
        "assigned_to": {"id": owner.pk, "username": "owner", "nickname": "", "avatar": None},
        "created_by": {"id": member.pk, "username": "member", "nickname": "", "avatar": None},
        "due_date": "2027-01-31T07:00:00Z",
        "due_on": None,
        "duration": 90,
        "metadata": {"sprint": 7, "labels": ["docs"]},
        "parent": None,
        "subtasks": {"total": 0, "done": 0},
        "labels": [],
        "attachments_count": 0,
        "rank": "V0000000",
        "comments_count": 0,
        "is_blocked": False,
        "relations_count": 0,
        "is_watching": True,
        "watchers_count": 2,
        "external": None,
        "is_archived": False,
        "completed_at": None,
        "version": 1,
    }
    assert counts(project) == (1, 1, 1)


def test_the_defaults_are_todo_and_medium(api, project, member):
    shown = api(member).post(URL, {"project": project.pk, "title": "x"}).json()

    assert (shown["status"], shown["priority"], shown["description"]) == ("todo", "medium", "")
    assert (shown["assigned_to"], shown["due_date"], shown["duration"], shown["metadata"]) == (None, None, None, {})


def test_without_a_project_the_task_goes_to_the_inbox(api, member):
    client = api(member)

    first, second = (client.post(URL, {"title": title}).json() for title in ("one", "two"))

    inbox = Project.objects.get(owner=member, is_inbox=True)
    assert first["project"] == second["project"] == inbox.pk
    assert (first["number"], second["number"]) == (1, 2)


def test_a_task_that_is_done_from_the_start_has_its_time_of_completion(api, project, member):
    shown = api(member).post(URL, {"project": project.pk, "title": "x", "status": "done"}).json()

    assert shown["completed_at"] == shown["created_at"]
    assert counts(project) == (1, 1, 0)


@pytest.mark.parametrize(
    ("who", "status"), [("owner", 201), ("admin", 201), ("member", 201), ("viewer", 403), ("outsider", 400)]
)
def test_each_role_has_its_answer(api, project, request, who, status):
    person = request.getfixturevalue(who)
    before = snapshot()

    response = api(person).post(URL, {"project": project.pk, "title": "x"})

    assert response.status_code == status
    if status != 201:
        assert snapshot() == before


def test_anonymous_callers_are_asked_to_log_in(api, project):
    response = api().post(URL, {"project": project.pk, "title": "x"})

    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")


def test_an_unseen_project_reads_like_an_absent_one(api, project, outsider):
    unseen = api(outsider).post(URL, {"project": project.pk, "title": "x"}).json()
    absent = api(outsider).post(URL, {"project": 10**15, "title": "x"}).json()

    assert unseen["errors"] == absent["errors"]
    assert [(error["pointer"], error["code"]) for error in unseen["errors"]] == [("/project", "does_not_exist")]


def test_the_project_is_judged_before_the_other_fields(api, project, viewer, outsider):
    bad = {"project": project.pk, "title": "", "nonsense": 1}

    assert api(viewer).post(URL, bad).status_code == 403
    errors = api(outsider).post(URL, bad).json()["errors"]
    assert [error["pointer"] for error in errors] == ["/project"]


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("title", "", "blank"),
        ("title", "   ", "blank"),
        ("title", None, "null"),
        ("title", 5, "invalid"),
        ("title", "x" * 201, "max_length"),
        ("description", "x" * 50_001, "max_length"),
        ("description", None, "null"),
        ("status", "finished", "invalid_choice"),
        ("priority", "HIGH", "invalid_choice"),
        ("assigned_to", "somebody", "invalid"),
        ("assigned_to", {"username": "owner"}, "invalid"),
        ("assigned_to", 2**63, "max_value"),
        ("assigned_to", 1.5, "invalid"),
        ("due_date", "tomorrow", "invalid"),
        ("due_date", "2030-01-01", "date"),
        ("due_date", "2030-W01", "invalid"),
        ("due_date", "11111111", "invalid"),
        ("due_date", "1" * 100, "invalid"),
        ("due_date", "2030-01-01T10", "invalid"),
        ("due_date", "٢٠٣٠-01-01T10:00:00Z", "invalid"),
        ("due_date", "9999-12-31T23:59:59-12:00", "overflow"),
        ("duration", -1, "min_value"),
        ("duration", 2**31, "max_value"),
        ("metadata", [1], "not_an_object"),
        ("metadata", "{}", "not_an_object"),
        ("metadata", {"text": "x" * 16_384}, "too_large"),
        ("metadata", {"a": [[1e308] * 60]}, "too_large"),
        ("project", "WEB", "invalid"),
        ("project", None, "null"),
        ("project", 2**63, "max_value"),
        ("nonsense", 1, "unknown_field"),
    ],
)
def test_a_bad_field_is_rejected_and_leaves_nothing_behind(api, project, member, field, value, code):
    before = snapshot()

    response = api(member).post(URL, {"project": project.pk, "title": "x", field: value})

    assert response.status_code == 400
    assert [(error["pointer"], error["code"]) for error in response.json()["errors"]] == [(f"/{field}", code)]
    assert snapshot() == before


def test_metadata_that_was_answered_can_be_sent_back(api, project, member):
    sent = {"a": [1e308, 1e-300, -0.5, 1e16] * 10}
    task = api(member).post(URL, {"project": project.pk, "title": "x", "metadata": sent}).json()

    response = api(member).patch(f"{URL}{task['id']}/", {"metadata": task["metadata"]})

    assert response.status_code == 200
    assert response.json()["metadata"] == task["metadata"]


def test_infinite_numbers_in_metadata_are_rejected(api, project, member):
    body = f'{{"project": {project.pk}, "title": "x", "metadata": {{"a": 1e999}}}}'

    response = api(member).post(URL, body, content_type="application/json")

    assert response.status_code == 400
    assert not Task.objects.exists()


def test_an_assignee_from_outside_is_rejected_and_no_number_is_burned(api, project, member, outsider):
    before = snapshot()
    response = api(member).post(URL, {"project": project.pk, "title": "x", "assigned_to": outsider.pk})

    assert response.json()["errors"][0] | {"detail": ""} == {
        "pointer": "/assigned_to",
        "code": "not_a_member",
        "detail": "",
    }
    assert snapshot() == before
    assert api(member).post(URL, {"project": project.pk, "title": "x"}).json()["number"] == 1


def test_read_only_fields_are_ignored(api, project, member, owner):
    body = {"project": project.pk, "title": "x", "number": 99, "key": "A-1", "version": 7, "created_by": owner.pk}

    shown = api(member).post(URL, body).json()

    assert (shown["number"], shown["version"], shown["created_by"]["id"]) == (1, 1, member.pk)


def test_an_archived_project_takes_no_tasks(api, project, member):
    Project.objects.filter(pk=project.pk).update(archived_at="2026-01-01T00:00:00Z")

    response = api(member).post(URL, {"project": project.pk, "title": "x"})

    assert (response.status_code, response.json()["code"]) == (409, "project_archived")
    assert not Task.objects.exists()


def test_the_assignee_and_the_managers_are_told(api, project, owner, admin, member, viewer):
    api(admin).post(URL, {"project": project.pk, "title": "x", "assigned_to": member.pk})

    assert kinds_and_recipients() == {("task_assigned", "member"), ("task_created", "owner")}


def test_an_assigned_owner_is_told_once(api, project, owner, admin, member):
    api(member).post(URL, {"project": project.pk, "title": "x", "assigned_to": owner.pk})

    assert kinds_and_recipients() == {("task_assigned", "owner"), ("task_created", "projectadmin")}


def test_nobody_is_told_of_their_own_task(api, project, owner):
    api(owner).post(URL, {"project": project.pk, "title": "x", "assigned_to": owner.pk})

    assert kinds_and_recipients() == set()


def test_the_history_has_the_creation(api, project, member):
    shown = api(member).post(URL, {"project": project.pk, "title": "x"}).json()

    entry = Activity.objects.get(task_id=shown["id"])
    assert (entry.verb, entry.task_key, entry.actor_id, entry.project_id) == ("created", "WEB-1", member.pk, project.pk)
    assert entry.changes["title"] == {"from": None, "to": "x"}


def test_a_repeated_request_with_the_same_key_gives_the_same_task(api, project, member):
    client = api(member)
    body = {"project": project.pk, "title": "x"}

    first = client.post(URL, body, headers={"Idempotency-Key": "k1"})
    second = client.post(URL, body, headers={"Idempotency-Key": "k1"})
    other = client.post(URL, body | {"title": "y"}, headers={"Idempotency-Key": "k1"})

    assert (first.status_code, second.status_code, other.status_code) == (201, 201, 422)
    assert second.json() == first.json()
    assert (second["Idempotency-Replayed"], second["ETag"]) == ("true", first["ETag"])
    assert Task.objects.count() == 1


def test_a_replay_is_rejected_for_who_lost_the_role(api, project, member):
    client = api(member)
    body = {"project": project.pk, "title": "x"}
    client.post(URL, body, headers={"Idempotency-Key": "k1"})
    project.memberships.filter(user=member).update(role="viewer")

    assert client.post(URL, body, headers={"Idempotency-Key": "k1"}).status_code == 403


def test_the_number_of_queries_does_not_grow(api, project, owner, admin, member):
    client = api(member)
    body = {"project": project.pk, "title": "x", "assigned_to": owner.pk}
    client.post(URL, body)

    with CaptureQueriesContext(connection) as few:
        client.post(URL, body)
    for _ in range(20):
        client.post(URL, body)
    with CaptureQueriesContext(connection) as many:
        client.post(URL, body)

    assert len(few) == len(many)
    print(f"\ncreate with assignee: {len(many)} statements")
