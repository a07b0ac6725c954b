"""A task moves to another project with all below it, or leaves its parent (contract ST9, ST10)."""

from __future__ import annotations

import pytest

from apps.projects.models import Activity
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.attachments.tests.attachment_helpers import attach
from apps.tasks.models import Attachment, Task
from apps.tasks.services import moving
from apps.tasks.subtasks.tests.tree_helpers import assert_counted, chain, events_of, url
from apps.tasks.tests.assertions import snapshot
from apps.tasks.tests.factories import TaskFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def target(owner):
    return ProjectFactory(owner=owner, key="MOB")


def move(client, task, target, **more):
    return client.patch(url(task), {"project": target.pk, **more})


def test_st9_the_subtree_moves_with_numbers_in_the_order_of_the_tree(api, owner, project, target):
    TaskFactory(project=target)
    root, child, grandchild = chain(project, 3)
    second = TaskFactory(project=project, parent=root)
    archived = TaskFactory(project=project, parent=child)
    client = api(owner)
    client.post(url(archived, "archive"))

    response = move(client, root, target)

    batch_id = response["X-Batch-ID"]
    assert response.json()["effects"] == {"batch_id": batch_id, "subtasks_changed": 4}
    ordered = [root, child, grandchild, archived, second]
    moved = list(Task.objects.filter(project=target).order_by("number")[1:])
    assert [task.pk for task in moved] == [task.pk for task in ordered]
    assert [task.number for task in moved] == [2, 3, 4, 5, 6]
    assert sorted(moved, key=lambda task: task.rank) == moved
    assert [task.parent_id for task in moved] == [None, root.pk, child.pk, child.pk, root.pk]
    assert list(events_of(batch_id)) == [
        *(
            ("task.moved_out", task.key, {name: {"from": old, "to": None} for name, old in left.items()})
            for task, left in ((task, {"project": project.pk, "key": task.key}) for task in ordered)
        ),
        *(
            ("task.moved_in", task.key, {name: {"from": None, "to": new} for name, new in arrived.items()})
            for task, arrived in ((task, {"project": target.pk, "key": task.key}) for task in moved)
        ),
    ]
    assert_counted()


def test_st10_a_child_that_moves_alone_loses_its_parent_and_the_history_says_so(api, owner, project, target):
    root, child, grandchild = chain(project, 3)

    response = move(api(owner), child, target)

    assert response.json()["parent"] is None
    assert Task.objects.get(pk=grandchild.pk).parent_id == child.pk
    reference = {"id": root.pk, "key": root.key}
    changes = {
        event.type: event.changes.get("parent") for event in Activity.objects.filter(task_id=child.pk).order_by("seq")
    }
    assert changes == {
        "task.moved_out": {"from": reference, "to": None},
        "task.moved_in": {"from": None, "to": None},
    }
    assert_counted()


def test_st10_the_same_request_can_name_a_parent_in_the_target(api, owner, project, target):
    _, child, grandchild = chain(project, 3)
    place = TaskFactory(project=target)

    response = move(api(owner), child, target, parent=place.pk)

    assert response.json()["parent"]["key"] == place.key
    assert set(Task.objects.filter(project=target)) == {place, child, grandchild}
    assert_counted()


def test_st9_people_who_are_no_members_there_are_unassigned(api, owner, project, target):
    stays = MembershipFactory(project=project).user
    goes = MembershipFactory(project=project).user
    MembershipFactory(project=target, user=stays)
    root, child = TaskFactory(project=project, assigned_to=goes), None
    child = TaskFactory(project=project, parent=root, assigned_to=goes)
    kept = TaskFactory(project=project, parent=root, assigned_to=stays)

    shown = move(api(owner), root, target).json()

    root, child, kept = (Task.objects.select_related("project").get(pk=task.pk) for task in (root, child, kept))
    assert [task.assigned_to for task in (root, child, kept)] == [None, None, stays]
    assert shown["effects"]["unassigned"] == [root.key, child.key]
    arrived = Activity.objects.get(task_id=child.pk, type="task.moved_in")
    assert arrived.changes["assigned_to"] == {"from": goes.pk, "to": None}


@pytest.mark.django_db(transaction=True)
def test_st9_files_move_and_a_full_target_keeps_all_where_it_is(api, owner, project, target, media, settings):
    root, child = chain(project, 2)
    attach(root), attach(child)
    project.refresh_from_db()
    before, size = snapshot(), project.attachment_bytes
    settings.PROJECT_QUOTA_BYTES = size - 1

    assert move(api(owner), root, target).json()["code"] == "quota_exceeded"
    assert snapshot() == before
    assert set(Attachment.objects.values_list("project_id", flat=True)) == {project.pk}

    settings.PROJECT_QUOTA_BYTES = size
    assert move(api(owner), root, target).status_code == 200
    assert set(Attachment.objects.values_list("project_id", flat=True)) == {target.pk}
    project.refresh_from_db()
    target.refresh_from_db()
    assert (project.attachment_bytes, target.attachment_bytes) == (0, size)


def test_st9_a_tree_that_is_too_large_does_not_move_at_all(api, owner, project, target, monkeypatch):
    monkeypatch.setattr(moving, "MAX_MOVED", 4)
    root, *_, last = chain(project, 4)
    assert move(api(owner), root, target).status_code == 200
    assert move(api(owner), root, project).status_code == 200
    TaskFactory(project=project, parent=Task.objects.get(pk=last.pk))
    before = snapshot()

    response = move(api(owner), root, target)

    body = response.json()
    assert (response.status_code, body["code"], body["limit"]) == (409, "too_many_subtasks", 4)
    assert snapshot() == before


def test_st9_five_hundred_tasks_move_and_one_more_does_not(api, owner, project, target):
    root = TaskFactory(project=project)
    Task.objects.bulk_create(
        Task(project=project, parent=root, number=number, title="x", rank=f"W{number:07}", created_by=owner)
        for number in range(2, 502)
    )
    project.last_task_number = project.tasks_count = project.open_tasks_count = 501
    project.save()
    before = snapshot()
    response = move(api(owner), root, target)
    assert (response.json()["code"], response.json()["limit"]) == ("too_many_subtasks", 500)
    assert snapshot() == before

    api(owner).delete(url(Task.objects.get(number=501)))
    response = move(api(owner), root, target)

    assert response.json()["effects"]["subtasks_changed"] == 499
    assert Task.objects.filter(project=target).count() == 500
    assert_counted()


def test_st9_descendants_in_the_trash_stay_and_lose_their_parent(api, owner, project, target):
    root, child, grandchild = chain(project, 3)
    client = api(owner)
    location = client.delete(url(child))["Location"]

    move(client, root, target)

    child.refresh_from_db()
    grandchild.refresh_from_db()
    assert (child.project_id, child.parent_id) == (project.pk, None)
    assert (grandchild.project_id, grandchild.parent_id) == (project.pk, child.pk)
    restored = client.post(f"{location}restore/", {}).json()
    assert restored["effects"] == {"detached": True}
    assert restored["task"]["parent"] is None
    assert_counted()


def test_st9_the_status_that_comes_with_the_move_closes_the_tree_first(api, owner, project, target):
    root, child = chain(project, 2)

    response = move(api(owner), root, target, status="done", on_subtasks="complete")

    assert response.json()["effects"]["subtasks_changed"] == 1
    child.refresh_from_db()
    assert (child.status, child.project_id, child.version) == ("done", target.pk, 3)
    assert_counted()


def test_a_move_shows_a_member_of_one_project_nothing_of_the_other(api, owner, project, target):
    reader = MembershipFactory(project=target).user
    _, child = chain(project, 2)
    move(api(owner), child, target)

    shown = api(reader).get(url(child, "activity")).content.decode()

    assert project.key not in shown
    assert f'"{project.pk}"' not in shown
