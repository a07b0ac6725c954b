"""PUT and PATCH /api/tasks/{id}/"""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.notifications.models import Notification
from apps.projects.models import Activity, Project
from apps.tasks.models import Task
from apps.tasks.tests.assertions import kinds_and_recipients, snapshot


def url(task: Task) -> str:
    return f"/api/tasks/{task.pk}/"


def test_patch_changes_only_what_was_sent(api, member, task):
    Task.objects.filter(pk=task.pk).update(description="keep me", priority="high")
    before = api(member).get(url(task)).json()

    response = api(member).patch(url(task), {"title": "  New title "})

    after = response.json()
    assert response.status_code == 200
    assert response["ETag"].startswith('"2.')
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"title", "version", "updated_at"}
    assert (after["title"], after["version"]) == ("New title", 2)


def test_put_needs_the_title_and_leaves_optional_fields_as_they_are(api, member, task):
    Task.objects.filter(pk=task.pk).update(priority="high", duration=30)

    rejected = api(member).put(url(task), {"priority": "low"})
    shown = api(member).put(url(task), {"title": "x", "status": "review"}).json()

    assert [(error["pointer"], error["code"]) for error in rejected.json()["errors"]] == [("/title", "required")]
    assert (shown["title"], shown["status"], shown["priority"], shown["duration"]) == ("x", "review", "high", 30)


def test_what_was_read_can_be_put_back_and_changes_nothing(api, project, member, task):
    Task.objects.filter(pk=task.pk).update(assigned_to=member, due_date="2027-01-01T08:00:00Z", metadata={"a": [1]})
    shown = api(member).get(url(task)).json()
    before = snapshot()

    response = api(member).put(url(task), shown)

    assert response.status_code == 200
    assert response.json() == shown
    assert snapshot() == before


def test_a_boolean_is_not_the_number_one_inside_metadata(api, member, task):
    Task.objects.filter(pk=task.pk).update(metadata={"done": 1})

    shown = api(member).patch(url(task), {"metadata": {"done": True}}).json()

    assert shown["metadata"]["done"] is True
    assert shown["version"] == 2


@pytest.mark.parametrize(
    ("who", "status"),
    [("owner", 200), ("admin", 200), ("member", 200), ("viewer", 403), ("outsider", 404), ("staff", 404)],
)
@pytest.mark.parametrize("method", ["put", "patch"])
def test_each_role_has_its_answer(api, task, request, who, status, method):
    person = request.getfixturevalue(who)
    before = snapshot()

    response = getattr(api(person), method)(url(task), {"title": "x"})

    assert response.status_code == status
    if status != 200:
        assert snapshot() == before


def test_access_is_decided_before_the_body_is_read(api, task, viewer, outsider):
    assert api(viewer).patch(url(task), "{", content_type="application/json").status_code == 403
    assert api(outsider).patch(url(task), "{", content_type="application/json").status_code == 404
    assert api().patch(url(task), "{", content_type="application/json").status_code == 401


def test_a_task_in_an_archived_project_is_read_only(api, project, member, task):
    Project.objects.filter(pk=project.pk).update(archived_at="2026-01-01T00:00:00Z")
    before = snapshot()

    response = api(member).patch(url(task), {"title": "x"})

    assert (response.status_code, response.json()["code"]) == (409, "project_archived")
    assert snapshot() == before


def test_an_assignee_from_outside_is_rejected(api, member, outsider, task):
    before = snapshot()

    response = api(member).patch(url(task), {"assigned_to": outsider.pk, "title": "x"})

    assert [(error["pointer"], error["code"]) for error in response.json()["errors"]] == [
        ("/assigned_to", "not_a_member")
    ]
    assert snapshot() == before


@pytest.mark.parametrize("etag", ['"1"', 'W/"1"', '"7", "1"', "*", '"1.0123456789abcdef"'])
def test_if_match_with_the_current_version_lets_the_write_pass(api, member, task, etag):
    response = api(member).patch(url(task), {"title": "x"}, headers={"If-Match": etag})

    assert response.status_code == 200


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_if_match_with_another_version_is_rejected_with_the_current_tag(api, owner, task, method):
    current = api(owner).get(url(task))["ETag"]
    before = snapshot()

    response = getattr(api(owner), method)(url(task), {"title": "x"}, headers={"If-Match": '"0"'})

    assert (response.status_code, response.json()["code"]) == (412, "precondition_failed")
    assert response["ETag"] == current
    assert snapshot() == before


def test_the_answers_stand_in_their_order(api, project, owner, outsider, task):
    Project.objects.filter(pk=project.pk).update(archived_at="2026-01-01T00:00:00Z")
    stale = {"If-Match": '"0"'}

    assert api(owner).patch(url(task), {"assigned_to": outsider.pk}, headers=stale).status_code == 400
    assert api(owner).patch(url(task), {"title": "x"}, headers=stale).status_code == 412
    assert api(owner).patch(url(task), {"title": "x"}).status_code == 409


def test_the_own_tag_of_a_write_serves_for_the_next_one_and_for_a_304(api, member, task):
    client = api(member)
    written = client.patch(url(task), {"title": "x"})

    assert client.get(url(task), headers={"If-None-Match": written["ETag"]}).status_code == 304
    again = client.patch(url(task), {"title": "y"}, headers={"If-Match": written["ETag"]})
    assert again.status_code == 200
    assert client.get(url(task), headers={"If-None-Match": written["ETag"]}).status_code == 200


def test_assignee_and_creator_are_told_of_a_change(api, owner, admin, member, task):
    Task.objects.filter(pk=task.pk).update(assigned_to=member)

    api(admin).patch(url(task), {"title": "New title", "priority": "urgent"})

    assert kinds_and_recipients() == {("task_updated", "member"), ("task_updated", "owner")}
    changes = Notification.objects.first().data["changes"]
    assert changes == {
        "title": {"from": "Fix the login page", "to": "New title"},
        "priority": {"from": "medium", "to": "urgent"},
    }


def test_who_left_the_project_is_not_told(api, project, owner, admin, member):
    task = Task.objects.create(project=project, number=1, title="x", created_by=member)
    project.memberships.filter(user=member).delete()

    api(admin).patch(url(task), {"title": "y"})

    assert kinds_and_recipients() == set()


def test_a_new_assignee_in_a_larger_edit_is_told_once(api, owner, admin, member, task):
    Task.objects.filter(pk=task.pk).update(assigned_to=admin)

    api(admin).patch(url(task), {"title": "y", "assigned_to": member.pk, "status": "review"})

    assert kinds_and_recipients() == {("task_assigned", "member"), ("task_updated", "owner")}


def test_a_change_of_the_status_alone_is_told_as_such(api, owner, member, task):
    api(member).patch(url(task), {"status": "review"})

    assert kinds_and_recipients() == {("task_status_changed", "owner")}


def test_metadata_is_nobodys_news(api, owner, member, task):
    api(member).patch(url(task), {"metadata": {"x": 1}})

    assert kinds_and_recipients() == set()


def test_a_long_description_is_shortened_in_the_notice_and_whole_in_the_history(api, owner, member, task):
    api(member).patch(url(task), {"description": "x" * 20_000})

    assert len(Notification.objects.get().data["changes"]["description"]["to"]) == 300
    assert len(Activity.objects.get().changes["description"]["to"]) == 20_000


def test_the_history_has_old_and_new_values(api, owner, member, task):
    api(member).patch(url(task), {"due_date": "2027-01-01T08:00:00Z", "assigned_to": owner.pk})

    entry = Activity.objects.get()
    assert (entry.verb, entry.task_id, entry.actor_id) == ("updated", task.pk, member.pk)
    assert entry.changes == {
        "due_date": {"from": None, "to": "2027-01-01T08:00:00Z"},
        "assigned_to": {"from": None, "to": owner.pk},
    }


def test_completing_and_reopening_keep_the_time_of_completion_and_the_counts(api, project, member, task):
    client = api(member)

    done = client.patch(url(task), {"status": "done"}).json()
    project.refresh_from_db()
    assert done["completed_at"] == done["updated_at"]
    assert project.open_tasks_count == 0
    kept = client.patch(url(task), {"title": "y", "status": "done"}).json()
    assert kept["completed_at"] == done["completed_at"]
    reopened = client.patch(url(task), {"status": "todo"}).json()
    project.refresh_from_db()
    assert reopened["completed_at"] is None
    assert project.open_tasks_count == 1


def test_the_number_of_queries_is_constant(api, owner, member, task):
    client = api(member)
    with CaptureQueriesContext(connection) as few:
        client.patch(url(task), {"title": "one"})
    for number in range(20):
        client.patch(url(task), {"title": f"more {number}"})
    with CaptureQueriesContext(connection) as many:
        client.patch(url(task), {"title": "two"})

    print(f"\nedit: {len(many)} statements")
    assert len(few) == len(many) <= 12
