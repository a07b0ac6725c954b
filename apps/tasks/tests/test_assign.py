"""PATCH /api/tasks/{id}/assign/"""

from __future__ import annotations

import pytest

from apps.notifications.models import Notification
from apps.notifications.tests.assertions import kinds_sent_to
from apps.projects.models import Activity, Project
from apps.tasks.models import Task
from apps.tasks.tests.assertions import kinds_and_recipients, snapshot


def url(task: Task) -> str:
    return f"/api/tasks/{task.pk}/assign/"


def test_a_member_gives_the_task_to_another_and_the_task_comes_back(api, owner, member, task):
    response = api(owner).patch(url(task), {"assigned_to": member.pk})

    shown = response.json()
    assert response.status_code == 200
    assert shown["assigned_to"] == {"id": member.pk, "username": "member", "nickname": "", "avatar": None}
    assert shown["version"] == 2
    assert response["ETag"].startswith('"2.')


def test_the_object_that_was_read_is_taken_too(api, owner, member, task):
    person = {"id": member.pk, "username": "member", "nickname": "", "avatar": None}

    assert api(owner).patch(url(task), {"assigned_to": person}).json()["assigned_to"] == person


def test_null_takes_the_task_from_its_assignee(api, owner, member, task):
    Task.objects.filter(pk=task.pk).update(assigned_to=member)

    assert api(owner).patch(url(task), {"assigned_to": None}).json()["assigned_to"] is None
    assert kinds_and_recipients() == {("task_unassigned", "member")}


def test_the_same_assignee_again_changes_and_tells_nothing(api, owner, member, task):
    Task.objects.filter(pk=task.pk).update(assigned_to=member)
    before = snapshot()

    assert api(owner).patch(url(task), {"assigned_to": member.pk}).status_code == 200
    assert snapshot() == before


@pytest.mark.parametrize(
    ("who", "status"),
    [("owner", 200), ("admin", 200), ("member", 200), ("viewer", 403), ("outsider", 404), ("staff", 404)],
)
def test_each_role_has_its_answer(api, owner, task, request, who, status):
    person = request.getfixturevalue(who)
    before = snapshot()

    response = api(person).patch(url(task), {"assigned_to": owner.pk})

    assert response.status_code == status
    if status != 200:
        assert snapshot() == before


def test_a_viewer_can_be_given_a_task(api, owner, viewer, task):
    assert api(owner).patch(url(task), {"assigned_to": viewer.pk}).status_code == 200


@pytest.mark.parametrize("body", [{}, {"assigned_to": "x"}, {"assigned_to": 0}, {"assigned_to": 1, "title": "x"}, []])
def test_a_bad_body_is_rejected(api, owner, task, body):
    before = snapshot()

    assert api(owner).patch(url(task), body).status_code == 400
    assert snapshot() == before


@pytest.mark.parametrize("stranger", ["outsider", "nobody"])
def test_somebody_from_outside_reads_like_somebody_who_does_not_exist(api, owner, outsider, task, stranger):
    before = snapshot()

    response = api(owner).patch(url(task), {"assigned_to": outsider.pk if stranger == "outsider" else 10**12})

    assert [(error["pointer"], error["code"]) for error in response.json()["errors"]] == [
        ("/assigned_to", "not_a_member")
    ]
    assert snapshot() == before


def test_a_stale_version_is_rejected(api, owner, member, task):
    response = api(owner).patch(url(task), {"assigned_to": member.pk}, headers={"If-Match": '"9"'})

    assert response.status_code == 412
    assert Task.objects.get().assigned_to is None


def test_an_archived_project_is_read_only(api, project, owner, task):
    Project.objects.filter(pk=project.pk).update(archived_at="2026-01-01T00:00:00Z")

    assert api(owner).patch(url(task), {"assigned_to": owner.pk}).status_code == 409


def test_old_and_new_assignee_and_the_creator_are_told(api, owner, admin, member, viewer, task):
    Task.objects.filter(pk=task.pk).update(assigned_to=viewer)

    api(admin).patch(url(task), {"assigned_to": member.pk})

    assert kinds_and_recipients() == {
        ("task_assigned", "member"),
        ("task_unassigned", "viewer"),
        ("task_updated", "owner"),
    }
    changes = Notification.objects.get(kind="task_assigned").data["changes"]
    assert changes == {"assigned_to": {"from": viewer.pk, "to": member.pk}}


def test_nobody_is_told_of_taking_a_task_themselves(api, member, task):
    Task.objects.filter(pk=task.pk).update(created_by=member)

    api(member).patch(url(task), {"assigned_to": member.pk})

    assert kinds_and_recipients() == set()


def test_giving_a_task_back_and_forth_tells_each_time(api, owner, member, task):
    for person in (member.pk, None, member.pk):
        api(owner).patch(url(task), {"assigned_to": person})

    kinds = kinds_sent_to(member)
    assert kinds == ["task_assigned", "task_unassigned", "task_assigned"]


def test_the_history_says_so(api, owner, member, task):
    api(owner).patch(url(task), {"assigned_to": member.pk})

    entry = Activity.objects.get()
    assert (entry.verb, entry.changes) == ("assigned", {"assigned_to": {"from": None, "to": member.pk}})
