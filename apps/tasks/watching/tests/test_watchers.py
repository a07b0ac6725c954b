"""The watchers of a task: listed (WA5), added and taken away (WA6)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from apps.notifications.models import Notification
from apps.projects.models import Project
from apps.projects.tests.factories import MembershipFactory
from apps.tasks.models import Task, Watch
from apps.tasks.tests.assertions import snapshot
from apps.tasks.watching.tests.watch_helpers import level_of, rows_for, watch, watch_project


def url(task: Task, person=None) -> str:
    return f"/api/tasks/{task.pk}/watchers/" + (f"{person.pk}/" if person else "")


def listed(client, task: Task, query: str = "") -> list[tuple[str, str]]:
    results = client.get(url(task) + query).json()["results"]
    return [(one["user"]["username"], one["reason"]) for one in results]


def test_wa5_the_list_has_each_watcher_once_with_the_strongest_reason(
    api, owner, admin, member, viewer, commenter, project, task
):
    Task.objects.filter(pk=task.pk).update(assigned_to=member)
    watch(owner, task, reason="commented")
    watch(member, task, reason="added", added_by=admin)
    watch(viewer, task, reason="mentioned")
    added = watch(commenter, task, reason="added", added_by=admin)
    watch_project(admin, project, "all")

    shown = api(viewer).get(url(task)).json()["results"]

    assert {(one["user"]["username"], one["reason"]) for one in shown} == {
        ("owner", "created"),
        ("member", "assigned"),
        ("viewer", "mentioned"),
        ("commenter", "added"),
    }
    by_name = {one["user"]["username"]: one for one in shown}
    adder = {"id": admin.pk, "username": "projectadmin", "nickname": "", "avatar": None}
    assert {name: one["added_by"] for name, one in by_name.items()} == {
        "owner": None,
        "viewer": None,
        "member": adder,
        "commenter": adder,
    }
    assert datetime.fromisoformat(by_name["commenter"]["since"]) == added.created_at
    assert api(viewer).get(f"/api/tasks/{task.pk}/").json()["watchers_count"] == 4


def test_wa5_since_is_the_creation_of_the_task_without_a_row(api, owner, task):
    assert (
        api(owner).get(url(task)).json()["results"][0]["since"]
        == api(owner).get(f"/api/tasks/{task.pk}/").json()["created_at"]
    )


@pytest.mark.parametrize("level", ["none", "muted"])
def test_wa5_who_wants_less_is_shown_to_nobody(api, owner, member, task, level):
    watch(owner, task, level)
    watch(member, task, level)

    assert listed(api(member), task) == []
    assert api(owner).get(f"/api/tasks/{task.pk}/").json()["watchers_count"] == 0


def test_wa1_a_creator_who_left_watches_no_more(api, owner, member, task):
    Task.objects.filter(pk=task.pk).update(created_by=member)
    api(member).delete(f"/api/projects/{task.project_id}/members/{member.pk}/")

    assert listed(api(owner), task) == []
    assert api(owner).get(f"/api/tasks/{task.pk}/").json()["watchers_count"] == 0


def test_the_list_is_ordered_and_paged_by_since(api, owner, project, task):
    for day in range(1, 6):
        person = MembershipFactory(project=project, user__username=f"person{day}").user
        watch(person, task, created_at=datetime(2030, 1, day, tzinfo=UTC))
    client = api(owner)

    assert [name for name, _ in listed(client, task)] == ["owner", *(f"person{day}" for day in range(1, 6))]
    assert listed(client, task, "?ordering=-since")[0][0] == "person5"
    first = client.get(url(task) + "?page_size=4").json()
    second = client.get(first["next"]).json()
    assert [one["user"]["username"] for one in second["results"]] == ["person4", "person5"]
    assert client.get(url(task) + "?ordering=user").status_code == 400
    assert client.get(url(task) + "?x=1").status_code == 400


@pytest.mark.parametrize("named", ["id", "username", "object", "other case"])
def test_wa6_a_member_adds_another_who_is_notified(api, admin, member, task, named):
    user = {
        "id": member.pk,
        "username": "member",
        "object": {"id": member.pk, "username": "member", "nickname": "", "avatar": None},
        "other case": "MEMBER",
    }[named]

    answer = api(admin).post(url(task), {"user": user})

    assert answer.status_code == 201
    shown = answer.json()
    assert (shown["user"]["username"], shown["reason"], shown["added_by"]["id"]) == ("member", "added", admin.pk)
    assert Notification.objects.values_list("kind", "recipient", "dedupe_key").get() == (
        "watcher_added",
        member.pk,
        f"watcher_added:{task.pk}:{member.pk}",
    )


def test_wa6_adding_and_taking_away_again_notifies_once_per_task(api, admin, member, task):
    client = api(admin)
    for _ in range(2):
        assert client.post(url(task), {"user": member.pk}).status_code == 201
        assert client.post(url(task), {"user": member.pk}).status_code == 200
        assert client.delete(url(task, member)).status_code == 204
        assert level_of(member, task) is None

    assert rows_for(member) == ["watcher_added"]


def test_wa6_creator_and_assignee_watch_already_and_get_no_row(api, admin, owner, member, task):
    Task.objects.filter(pk=task.pk).update(assigned_to=member)

    for person, reason in ((owner, "created"), (member, "assigned")):
        answer = api(admin).post(url(task), {"user": person.pk})
        assert (answer.status_code, answer.json()["reason"], answer.json()["added_by"]) == (200, reason, None)
    assert not Watch.objects.exists()
    assert not Notification.objects.exists()


def test_wa6_adding_oneself_is_a_choice_of_ones_own(api, member, task):
    watch(member, task, "muted")
    answer = api(member).post(url(task), {"user": member.pk})

    assert (answer.status_code, answer.json()["reason"], answer.json()["added_by"]) == (201, "self", None)
    assert api(member).post(url(task), {"user": "member"}).status_code == 200
    assert level_of(member, task) == ("all", "self")
    assert not Notification.objects.exists()


@pytest.mark.parametrize(("own", "of_project"), [("none", None), ("muted", None), (None, "muted"), ("none", "all")])
def test_wa6_who_chose_to_hear_less_is_not_added(api, admin, member, project, task, own, of_project):
    if own:
        watch(member, task, own)
    if of_project:
        watch_project(member, project, of_project)
    before = snapshot()

    answer = api(admin).post(url(task), {"user": member.pk})

    assert (answer.status_code, answer.json()["code"]) == (409, "watch_declined")
    assert snapshot() == before
    assert level_of(member, task) == ((own, "self") if own else None)


@pytest.mark.parametrize("named", ["outsider id", "outsider name", "nobody", "nobody's name", "address"])
def test_wa6_somebody_from_outside_reads_like_nobody(api, admin, outsider, task, named):
    user = {
        "outsider id": outsider.pk,
        "outsider name": "outsider",
        "nobody": 10**12,
        "nobody's name": "no-such-person",
        "address": outsider.email,
    }[named]
    answer = api(admin).post(url(task), {"user": user})

    assert answer.status_code == 400
    assert [(error["pointer"], error["code"]) for error in answer.json()["errors"]] == [("/user", "not_a_member")]


@pytest.mark.parametrize(
    "body",
    [{}, {"user": None}, {"user": 0}, {"user": True}, {"user": 1.5}, {"user": ""}, {"user": {}}, {"user": []}, [],
     {"user": "a\x00b"}, {"user": "x" * 200}, {"user": "\u2028"}, {"user": 2**70}, {"user": 1, "level": "all"}],
)  # fmt: skip
def test_a_bad_body_is_rejected(api, admin, task, body):
    before = snapshot()

    assert api(admin).post(url(task), body).status_code == 400
    assert snapshot() == before


def test_wa6_in_an_archived_project_nobody_is_added_but_people_are_taken_away(api, admin, member, project, task):
    watch(member, task, reason="added", added_by=admin)
    Project.objects.filter(pk=project.pk).update(archived_at="2026-01-01T00:00:00Z")

    answer = api(admin).post(url(task), {"user": member.pk})
    assert (answer.status_code, answer.json()["code"]) == (409, "project_archived")
    assert api(admin).delete(url(task, member)).status_code == 204


def test_wa6_only_the_person_and_who_added_them_take_a_watcher_away(api, owner, admin, member, viewer, commenter, task):
    watch(commenter, task, reason="added", added_by=member)
    for other in (owner, admin, viewer):
        assert api(other).delete(url(task, commenter)).status_code == 403
    assert level_of(commenter, task) == ("all", "added")

    assert api(member).delete(url(task, commenter)).status_code == 204
    assert level_of(commenter, task) is None


def test_wa6_the_person_themselves_unwatches_for_good(api, admin, member, task):
    api(admin).post(url(task), {"user": member.pk})

    assert api(member).delete(url(task, member)).status_code == 204
    assert level_of(member, task) == ("none", "self")
    assert api(admin).post(url(task), {"user": member.pk}).json()["code"] == "watch_declined"


def test_wa6_who_added_them_but_may_not_write_any_more_takes_nobody_away(api, member, viewer, task):
    watch(viewer, task, reason="added", added_by=member)
    task.project.memberships.filter(user=member).update(role="viewer")

    assert api(member).delete(url(task, viewer)).status_code == 403


def test_wa6_a_person_who_does_not_watch_is_not_found_before_it_is_forbidden(api, owner, admin, member, viewer, task):
    watch(member, task, "none")
    for person in (admin, member, viewer):
        assert api(admin).delete(url(task, person)).status_code == 404
    assert api(viewer).delete(url(task, admin)).status_code == 404
    assert api(admin).delete(url(task, owner)).status_code == 403  # watches as the creator


def test_wa5_who_watches_by_the_project_alone_is_no_watcher_to_others(api, admin, member, project, task):
    watch_project(member, project, "all")

    assert api(admin).delete(url(task, member)).status_code == 404
    assert api(member).delete(url(task, member)).status_code == 204
    assert level_of(member, task) == ("none", "self")


def test_wa6_a_choice_of_ones_own_replaces_having_been_added(api, admin, member, task):
    api(admin).post(url(task), {"user": member.pk})
    api(member).put(f"/api/tasks/{task.pk}/watch/", {"level": "all"})

    assert level_of(member, task) == ("all", "self")
    assert api(admin).delete(url(task, member)).status_code == 403


def test_h2_an_idempotency_key_adds_once(api, admin, member, task):
    client, headers = api(admin), {"Idempotency-Key": "once"}
    first = client.post(url(task), {"user": member.pk}, headers=headers)
    again = client.post(url(task), {"user": member.pk}, headers=headers)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()


@pytest.mark.parametrize(
    ("who", "status"), [("owner", 201), ("admin", 201), ("member", 201), ("commenter", 403), ("viewer", 403),
                        ("outsider", 404), ("staff", 404)],
)  # fmt: skip
def test_each_role_has_its_answer(api, project, task, request, who, status):
    other, person = MembershipFactory(project=project).user, request.getfixturevalue(who)
    before = snapshot()

    assert api(person).post(url(task), {"user": other.pk}).status_code == status
    if status != 201:
        assert snapshot() == before
