"""POST sync/ with a token: what has changed since, in order."""

from __future__ import annotations

import pytest

from apps.projects.models import Activity, Project
from apps.projects.roles import Role
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.sync.tests.replay import Copy
from apps.tasks.attachments.tests.attachment_helpers import attach
from apps.tasks.models import Task
from apps.tasks.services import create_task
from apps.tasks.tests.factories import TaskFactory


@pytest.fixture
def copy(api, member, task):
    """The member's copy of the project, before anything changes."""
    made = Copy(api(member))
    made.read()
    return made


@pytest.fixture
def elsewhere(owner):
    """A project of the owner's that the member does not see."""
    return ProjectFactory(owner=owner, name="Elsewhere", key="FAR")


def brief(changes):
    return [(change["type"], change["op"], change["id"]) for change in changes]


def test_sy4_events_of_one_object_are_one_change_with_the_present_state(api, owner, copy, project, task):
    for title in ("One", "Two", "Three"):
        api(owner).patch(f"/api/tasks/{task.pk}/", {"title": title})

    (change,) = copy.read()

    project.refresh_from_db()
    assert (change["op"], change["data"]["title"], change["seq"]) == ("upsert", "Three", project.last_seq)
    assert change["project"] == project.pk
    assert copy.read() == []


def test_sy4_changes_come_in_the_order_of_their_last_events(api, owner, copy, project, task):
    client = api(owner)
    first, second = (create_task(actor=owner, project=project.pk, title=title).pk for title in "ab")
    client.patch(f"/api/tasks/{first}/", {"title": "c"})
    client.delete(f"/api/tasks/{task.pk}/")

    changes = copy.read()

    expected = [("task", "upsert", second), ("task", "upsert", first), ("task", "delete", task.pk)]
    assert brief(changes) == expected
    assert [change["seq"] for change in changes] == sorted(change["seq"] for change in changes)


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_sy4_all_objects_of_an_event_about_several_count_also_in_small_pages(api, owner, admin, project, limit):
    tasks = [TaskFactory(project=project, assigned_to=admin) for _ in range(4)]
    copy = Copy(api(owner), limit=limit)
    copy.read()
    api(owner).delete(f"/api/projects/{project.pk}/members/{admin.pk}/")
    Activity.objects.get(type="task.unassigned", object_ids__len=4)

    changes = copy.read()

    assert sorted(brief(changes))[1:] == sorted(("task", "upsert", task.pk) for task in tasks)
    assert {row["assigned_to"] for row in copy.of("task").values()} == {None}


def test_sy4_a_deleted_comment_is_an_upsert_of_what_is_left(api, owner, copy, task):
    comment = api(owner).post(f"/api/tasks/{task.pk}/comments/", {"body": "Look"}).json()["id"]
    copy.read()
    api(owner).delete(f"/api/tasks/{task.pk}/comments/{comment}/")

    (change,) = copy.read()

    assert (change["type"], change["op"]) == ("comment", "upsert")
    assert (change["data"]["is_deleted"], change["data"]["body"]) == (True, None)


def test_sy5_a_task_that_is_restored_comes_with_everything_below_it(api, owner, copy, task):
    client = api(owner)
    other = client.post("/api/tasks/", {"project": task.project_id, "title": "Other"}).json()["id"]
    client.post(f"/api/tasks/{task.pk}/comments/", {"body": "Look"})
    client.post(f"/api/tasks/{task.pk}/relations/", {"kind": "blocks", "task": other})
    attach(task, by=owner)
    copy.read()
    before = dict(copy.objects)
    entry = client.delete(f"/api/tasks/{task.pk}/")["Location"]
    gone = copy.read()
    left = {key[0] for key in copy.objects}

    client.post(f"{entry}restore/")
    back = copy.read()

    assert brief(gone) == [("task", "delete", task.pk)]
    assert left.isdisjoint({"comment", "relation", "attachment"})
    assert [change["type"] for change in back] == ["task", "comment", "relation", "attachment"]
    assert copy.objects.keys() == before.keys()


@pytest.mark.parametrize("sees_target", [True, False])
def test_sy5_a_task_that_moves_away_is_an_upsert_for_who_sees_where_it_is(
    api, owner, member, project, task, elsewhere, sees_target
):
    if sees_target:
        MembershipFactory(project=elsewhere, user=member, role=Role.VIEWER)
    comment = api(owner).post(f"/api/tasks/{task.pk}/comments/", {"body": "Look"}).json()["id"]
    copy = Copy(api(member))
    copy.read()
    api(owner).patch(f"/api/tasks/{task.pk}/", {"project": elsewhere.pk})

    changes = copy.read()

    if sees_target:
        (moved,) = [change for change in changes if change["type"] == "task"]
        assert (moved["op"], moved["project"], moved["data"]["project"]) == ("upsert", elsewhere.pk, elsewhere.pk)
        assert comment in copy.of("comment")
    else:
        assert brief(changes) == [("task", "delete", task.pk)]
        assert str(elsewhere.pk) not in str(changes)
        assert copy.of("comment") == {}


def test_sy5_a_merged_label_names_what_replaced_it_and_tasks_are_not_sent_again(api, owner, copy, project):
    client, place = api(owner), f"/api/projects/{project.pk}/labels/"
    ids = [client.post(place, {"name": name}).json()["id"] for name in ("a", "b", "c")]
    task = client.post("/api/tasks/", {"project": project.pk, "title": "T", "labels": ids[:1]}).json()["id"]
    copy.read()
    client.post(f"{place}{ids[0]}/merge/", {"into": ids[1]})
    client.post(f"{place}{ids[1]}/merge/", {"into": ids[2]})

    changes = copy.read()

    assert brief(changes) == [("label", "delete", ids[0]), ("label", "delete", ids[1])]
    assert [change["replaced_by"] for change in changes] == ids[1:]
    assert copy.of("task")[task]["labels"] == [ids[2]]
    client.delete(f"{place}{ids[2]}/")
    (change,) = copy.read()
    assert change["replaced_by"] is None
    assert copy.of("task")[task]["labels"] == []


def test_sy6_a_lost_project_is_one_change_and_comes_back_as_a_new_one(api, owner, copy, project, member):
    client = api(owner)
    before = dict(copy.objects)
    client.delete(f"/api/projects/{project.pk}/members/{member.pk}/")
    lost = copy.read()
    client.post(f"/api/projects/{project.pk}/members/", {"user_id": member.pk, "role": "member"})
    back = copy.read()

    assert lost == [{"type": "project", "op": "delete", "id": project.pk}]
    assert back[0]["type"] == "project"
    assert copy.objects.keys() == before.keys()


def test_sy6_why_a_project_is_lost_is_not_said(api, owner, member, copy, project):
    other = ProjectFactory(owner=owner)
    MembershipFactory(project=other, user=member)
    copy.read()
    api(owner).delete(f"/api/projects/{project.pk}/")
    api(owner).delete(f"/api/projects/{other.pk}/members/{member.pk}/")

    assert copy.read() == [{"type": "project", "op": "delete", "id": pk} for pk in sorted((project.pk, other.pk))]


def test_sy6_a_changed_role_is_in_the_next_page(api, owner, member, copy, project):
    api(owner).patch(f"/api/projects/{project.pk}/members/{member.pk}/", {"role": "viewer"})

    changes = copy.read()

    assert brief(changes) == [("project", "upsert", project.pk), ("member", "upsert", member.pk)]
    assert changes[0]["data"]["role"] == changes[1]["data"]["role"] == "viewer"


def test_sy6_a_transfer_brings_the_project_and_both_members(api, owner, member, copy, project):
    api(owner).post(f"/api/projects/{project.pk}/transfer/", {"user_id": member.pk})

    changes = copy.read()

    people = sorted((owner.pk, member.pk))
    assert brief(changes) == [("project", "upsert", project.pk), *(("member", "upsert", pk) for pk in people)]
    assert (changes[0]["data"]["owner"], changes[0]["data"]["role"]) == (member.pk, "owner")


@pytest.mark.parametrize("limit", [1, 200])
def test_sy7_events_that_are_not_kept_any_more_reset_their_project_alone(api, owner, member, project, task, limit):
    other = TaskFactory(project=ProjectFactory(owner=member))
    copy = Copy(api(member), limit=limit)
    copy.read()
    api(owner).delete(f"/api/tasks/{task.pk}/")
    api(member).patch(f"/api/tasks/{other.pk}/", {"title": "Changed"})
    create_task(actor=owner, project=project.pk, title="New")
    Activity.objects.filter(project=project, type="task.deleted").delete()

    changes = copy.read()

    assert brief(changes)[:2] == [("project", "reset", project.pk), ("project", "upsert", project.pk)]
    assert task.pk not in copy.of("task")
    assert copy.of("task")[other.pk]["title"] == "Changed"
    assert len([change for change in changes if change["op"] == "reset"]) == 1
    assert copy.read() == []


def test_sy9_me_changed_says_whether_something_of_ones_own_has(api, copy):
    assert copy.page()["me_changed"] is False
    copy.client.patch("/api/auth/profile/", {"nickname": "Somebody else"})

    assert copy.page()["me_changed"] is True
    assert copy.page()["me_changed"] is False


def test_sy10_the_number_of_statements_does_not_grow(api, owner, copy, project, task, django_assert_max_num_queries):
    for title in range(10):
        made = create_task(actor=owner, project=project.pk, title=str(title))
        api(owner).post(f"/api/tasks/{made.pk}/comments/", {"body": "Look"})
        api(owner).post(f"/api/tasks/{made.pk}/relations/", {"kind": "relates", "task": task.pk})

    with django_assert_max_num_queries(9):
        copy.read()
    with django_assert_max_num_queries(12):
        Copy(copy.client).page()


def test_sy12_each_project_has_a_copy_that_knows_its_own_end_alone(api, owner, member, task, elsewhere):
    far = TaskFactory(project=elsewhere)
    relation = api(owner).post(f"/api/tasks/{task.pk}/relations/", {"kind": "blocks", "task": far.pk}).json()["id"]
    near, both = Copy(api(member)), Copy(api(owner))
    near.read()
    both.read()

    here = near.objects["relation", task.project_id, relation]
    there = both.objects["relation", elsewhere.pk, relation]
    assert (here["kind"], here["task"], here["other"], here["created_by"]) == ("blocks", task.pk, None, None)
    assert (there["kind"], there["task"], there["other"], there["created_by"]) == ("blocked_by", far.pk, None, None)
    assert both.objects["relation", task.project_id, relation] == here

    api(owner).patch(f"/api/tasks/{far.pk}/", {"project": task.project_id})
    near.read()
    both.read()

    joined = near.objects["relation", task.project_id, relation]
    assert (joined["kind"], joined["task"], joined["other"]) == ("blocks", task.pk, far.pk)
    assert joined["created_by"] == owner.pk
    assert ("relation", elsewhere.pk, relation) not in both.objects


def test_what_hangs_on_a_task_goes_also_from_a_copy_without_tasks(api, owner, member, task):
    api(owner).post(f"/api/tasks/{task.pk}/comments/", {"body": "Look"})
    copy = Copy(api(member), types=["comment"])
    copy.read()
    copy.objects["task", task.pk], copy.homes["task", task.pk] = {}, task.project_id
    api(owner).delete(f"/api/tasks/{task.pk}/")

    copy.read()

    assert copy.of("comment") == {}


def test_deleted_people_stay_as_they_are_named_now(api, owner, member, copy, project, task):
    api(member).patch(f"/api/tasks/{task.pk}/", {"assigned_to": member.pk})
    copy.read()
    assert Task.objects.get(pk=task.pk).assigned_to_id == member.pk
    watcher = Copy(api(owner))
    watcher.read()
    api(owner).delete(f"/api/projects/{project.pk}/members/{member.pk}/")

    changes = watcher.read()

    assert ("member", "delete", member.pk) in brief(changes)
    assert member.pk in watcher.people
    assert Project.objects.get(pk=project.pk).last_seq == max(change.get("seq", 0) for change in changes)
