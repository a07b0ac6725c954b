"""One's own levels over HTTP: tasks/{id}/watch/ and projects/{id}/watch/, and what shows them."""

from __future__ import annotations

import itertools

import pytest

from apps.projects.models import Activity, Project
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.models import Task, Watch
from apps.tasks.tests.assertions import snapshot
from apps.tasks.tests.factories import TaskFactory
from apps.tasks.watching.tests.watch_helpers import level_of, rows_for, watch, watch_project


def url(task: Task) -> str:
    return f"/api/tasks/{task.pk}/watch/"


def of_project(project: Project) -> str:
    return f"/api/projects/{project.pk}/watch/"


def test_wa5_without_a_choice_it_says_why_one_watches(api, owner, member, viewer, task):
    Task.objects.filter(pk=task.pk).update(assigned_to=member)

    assert api(owner).get(url(task)).json() == {
        "level": None,
        "is_watching": True,
        "reason": "created",
        "project_level": "participating",
    }
    assert api(member).get(url(task)).json()["reason"] == "assigned"
    assert api(viewer).get(url(task)).json() == {
        "level": None,
        "is_watching": False,
        "reason": None,
        "project_level": "participating",
    }


@pytest.mark.parametrize("who", ["viewer", "commenter", "member", "admin", "owner"])
def test_every_member_chooses_for_themselves(api, request, task, who):
    person = request.getfixturevalue(who)
    client = api(person)

    watching = client.put(url(task), {"level": "all"})
    assert (watching.status_code, watching.json()["level"], watching.json()["is_watching"]) == (200, "all", True)
    muted = client.put(url(task), {"level": "muted"})
    assert (muted.json()["level"], muted.json()["is_watching"], muted.json()["reason"]) == ("muted", False, None)
    assert client.delete(url(task)).status_code == 204
    assert client.get(url(task)).json()["level"] == "none"
    assert client.delete(url(task)).status_code == 204
    assert level_of(person, task) == ("none", "self")


def test_delete_makes_the_level_none_for_who_did_not_watch_too(api, viewer, task):
    assert api(viewer).delete(url(task)).status_code == 204
    assert level_of(viewer, task) == ("none", "self")


def test_what_was_read_can_be_sent_back(api, owner, task):
    client = api(owner)
    shown = client.put(url(task), {"level": "all"}).json()

    assert client.put(url(task), shown).json() == shown


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "/level", "required"),
        ({"level": "none"}, "/level", "invalid_choice"),
        ({"level": "participating"}, "/level", "invalid_choice"),
        ({"level": None}, "/level", "null"),
        ({"level": ["all"]}, "/level", "invalid_choice"),
        ({"level": "all", "user": 5}, "/user", "unknown_field"),
        ([], "", None),
    ],
)
def test_a_bad_level_of_a_task_is_rejected(api, owner, task, body, pointer, code):
    before = snapshot()
    answer = api(owner).put(url(task), body)

    assert answer.status_code == 400
    if code:
        assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [(pointer, code)]
    assert (snapshot(), Watch.objects.count()) == (before, 0)


def test_the_level_of_a_project(api, viewer, project, task):
    client = api(viewer)
    assert client.get(of_project(project)).json() == {"level": "participating"}
    for level in ("all", "muted", "participating", "all"):
        answer = client.put(of_project(project), {"level": level})
        assert (answer.status_code, answer.json()) == (200, {"level": level})
        assert client.get(of_project(project)).json() == {"level": level}
        assert client.get(f"/api/projects/{project.pk}/").json()["watch_level"] == level
        assert client.get(url(task)).json()["project_level"] == level
    assert client.get(url(task)).json()["is_watching"] is True
    assert Watch.objects.count() == 1


@pytest.mark.parametrize("body", [{}, {"level": "none"}, {"level": None}, {"level": "all", "x": 1}, []])
def test_a_bad_level_of_a_project_is_rejected(api, owner, project, body):
    assert api(owner).put(of_project(project), body).status_code == 400
    assert not Watch.objects.exists()


def test_strangers_find_nothing(api, outsider, project, task):
    client = api(outsider)
    for path in (url(task), of_project(project), f"/api/tasks/{task.pk}/watchers/"):
        assert client.get(path).status_code == 404
    assert client.put(url(task), {"level": "all"}).status_code == 404
    assert client.put(of_project(project), {"level": "all"}).status_code == 404
    assert client.delete(url(task)).status_code == 404


def test_h6_a_task_in_the_trash_says_so(api, owner, outsider, task):
    api(owner).delete(f"/api/tasks/{task.pk}/")

    assert api(owner).get(url(task)).json()["code"] == "in_trash"
    assert api(owner).put(url(task), {"level": "all"}).json()["code"] == "in_trash"
    assert api(outsider).get(url(task)).json()["code"] == "not_found"


def test_wa8_levels_change_nothing_of_task_and_project_and_work_in_an_archived_one(api, owner, project, task):
    Project.objects.filter(pk=project.pk).update(archived_at="2026-01-01T00:00:00Z")
    before, events = snapshot(), Activity.objects.count()
    client = api(owner)

    assert client.put(url(task), {"level": "muted"}).status_code == 200
    assert client.delete(url(task)).status_code == 204
    assert client.put(of_project(project), {"level": "all"}).status_code == 200
    assert client.delete(f"/api/tasks/{task.pk}/watchers/{owner.pk}/").status_code == 404
    assert (snapshot(), Activity.objects.count()) == (before, events)


def test_wa_property_2_in_a_muted_project_an_assignment_arrives_and_nothing_else(api, admin, member, project, task):
    api(member).put(of_project(project), {"level": "muted"})
    client = api(admin)
    client.patch(f"/api/tasks/{task.pk}/assign/", {"assigned_to": member.pk})
    client.patch(f"/api/tasks/{task.pk}/", {"title": "Another", "description": "@member"})
    client.patch(f"/api/tasks/{task.pk}/status/", {"status": "done"})
    client.post(f"/api/tasks/{task.pk}/comments/", {"body": "@member"})
    client.post(f"/api/tasks/{task.pk}/archive/")

    assert rows_for(member) == ["task_assigned"]


def test_wa_property_5_watching_me_is_the_set_of_tasks_with_is_watching(api, owner, member, admin, project):
    """Every combination of role in the task, level of the task and level of the project."""
    places = [project, ProjectFactory(owner=owner, key="OTH")]
    MembershipFactory(project=places[1], user=member, role="viewer")
    roles = ({}, {"created_by": member}, {"assigned_to": member})
    for level in (None, "all", "participating", "muted"):
        Watch.objects.all().delete()
        Task.objects.all().delete()
        if level:
            watch_project(member, places[1], level)
        for place, role, own in itertools.product(places, roles, (None, "all", "none", "muted")):
            task = TaskFactory(project=place, **{"created_by": owner} | role)
            watch(owner, task)
            if own:
                watch(member, task, own)
        client = api(member)
        expected = {
            pk
            for pk in Task.objects.values_list("pk", flat=True)
            if client.get(f"/api/tasks/{pk}/").json()["is_watching"]
        }

        found = client.get("/api/tasks/?watching=me&page_size=100&count=true").json()

        assert {one["id"] for one in found["results"]} == expected
        assert client.get("/api/tasks/statistics/?watching=me").json()["total"] == len(expected)
        assert expected == {
            pk
            for pk in Task.objects.values_list("pk", flat=True)
            if client.get(f"/api/tasks/{pk}/watch/").json()["is_watching"]
        }
        assert len(expected) == {None: 10, "all": 11, "participating": 10, "muted": 10}[level]


def test_the_filter_watching_takes_me_alone(api, owner, task):
    assert api(owner).get("/api/tasks/?watching=5").status_code == 400
    assert [one["id"] for one in api(owner).get("/api/tasks/?watching=me").json()["results"]] == [task.pk]


def test_wa5_the_detail_counts_the_watchers_and_the_list_does_not_show_it(api, owner, member, viewer, task):
    client = api(viewer)
    detail = f"/api/tasks/{task.pk}/"
    assert (client.get(detail).json()["is_watching"], client.get(detail).json()["watchers_count"]) == (False, 1)
    watch(viewer, task)
    Task.objects.filter(pk=task.pk).update(assigned_to=member)
    watch(member, task, "none")

    shown = client.get(detail).json()

    assert (shown["is_watching"], shown["watchers_count"]) == (True, 2)
    assert "is_watching" not in client.get("/api/tasks/").json()["results"][0]
    assert api(owner).patch(detail, {"is_watching": False, "watchers_count": 9}).status_code == 200
    assert api(owner).get(detail).json()["watchers_count"] == 2
