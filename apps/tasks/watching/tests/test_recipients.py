"""Who is notified of an event: the ordered judgement of WA3, one row for each person (N1)."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.notifications.models import Notification
from apps.projects.models import Activity
from apps.projects.tests.factories import MembershipFactory, ProjectFactory
from apps.tasks.models import Task
from apps.tasks.tests.assertions import kinds_and_recipients
from apps.tasks.watching.tests.watch_helpers import rows_for, watch, watch_project


@pytest.fixture
def bystander(project):
    """Return a member who has nothing to do with the task."""
    return MembershipFactory(project=project, user__username="bystander", role="member").user


ACTS = {
    "status": ("patch", "status/", {"status": "review"}, "task_status_changed"),
    "fields": ("patch", "", {"title": "Another"}, "task_updated"),
    "status and more": ("patch", "", {"status": "review", "priority": "high"}, "task_updated"),
    "archive": ("post", "archive/", {}, "task_updated"),
    "comment": ("post", "comments/", {"body": "Hello"}, "comment_added"),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize(
    ("own", "of_project", "hears"),
    [
        (None, None, False),
        ("all", None, True),
        ("none", None, False),
        ("muted", None, False),
        (None, "all", True),
        (None, "participating", False),
        (None, "muted", False),
        ("all", "muted", True),
        ("none", "all", False),
        ("muted", "all", False),
        ("all", "participating", True),
    ],
)
def test_wa3_lines_7_to_9_who_watches_hears_of_what_happens(
    api, admin, bystander, project, task, act, own, of_project, hears
):
    if own:
        watch(bystander, task, own)
    if of_project:
        watch_project(bystander, project, of_project)
    method, path, body, kind = ACTS[act]

    assert getattr(api(admin), method)(f"/api/tasks/{task.pk}/{path}", body).status_code in {200, 201}

    assert rows_for(bystander) == ([kind] if hears else [])


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("part", ["created_by", "assigned_to"])
@pytest.mark.parametrize(
    ("own", "of_project", "hears"),
    [(None, None, True), ("none", None, False), ("muted", None, False), (None, "muted", False), ("all", "muted", True)],
)
def test_wa1_creator_and_assignee_watch_without_a_row_until_they_choose_otherwise(
    api, admin, bystander, project, task, act, part, own, of_project, hears
):
    Task.objects.filter(pk=task.pk).update(**{part: bystander})
    if own:
        watch(bystander, task, own)
    if of_project:
        watch_project(bystander, project, of_project)
    method, path, body, kind = ACTS[act]

    getattr(api(admin), method)(f"/api/tasks/{task.pk}/{path}", body)

    assert rows_for(bystander) == ([kind] if hears else [])


@pytest.mark.parametrize("own", [None, "all", "none", "muted"])
@pytest.mark.parametrize("of_project", [None, "all", "participating", "muted"])
def test_wa3_line_1_an_assignment_reaches_everybody(api, admin, bystander, project, task, own, of_project):
    if own:
        watch(bystander, task, own)
    if of_project:
        watch_project(bystander, project, of_project)

    api(admin).patch(f"/api/tasks/{task.pk}/assign/", {"assigned_to": bystander.pk})
    api(admin).patch(f"/api/tasks/{task.pk}/", {"assigned_to": None, "title": "Another"})

    assert rows_for(bystander) == ["task_assigned", "task_unassigned"]


@pytest.mark.parametrize(
    ("own", "of_project", "hears"),
    [
        (None, None, True),
        ("all", None, True),
        ("none", None, True),
        ("muted", None, False),
        (None, "muted", False),
        ("none", "muted", True),
        ("all", "muted", True),
    ],
)
def test_wa2_wa3_line_3_a_mention_reaches_everybody_who_is_not_muted(
    api, admin, bystander, project, task, own, of_project, hears
):
    if own:
        watch(bystander, task, own)
    if of_project:
        watch_project(bystander, project, of_project)

    assert api(admin).post(f"/api/tasks/{task.pk}/comments/", {"body": "@bystander?"}).status_code == 201

    assert rows_for(bystander) == (["task_mentioned"] if hears else [])


def test_n1_several_reasons_give_one_row_of_the_first_that_applies(api, admin, owner, bystander, project, task):
    Task.objects.filter(pk=task.pk).update(assigned_to=bystander)
    watch(bystander, task)
    watch_project(bystander, project, "all")

    api(admin).post(f"/api/tasks/{task.pk}/comments/", {"body": "@bystander @bystander"})
    api(admin).patch(f"/api/tasks/{task.pk}/", {"assigned_to": owner.pk, "description": "for @bystander"})

    assert rows_for(bystander) == ["task_mentioned", "task_unassigned"]
    assert rows_for(owner) == ["comment_added", "task_assigned"]


def test_n1_the_key_of_a_row_names_event_task_and_person(api, admin, owner, task):
    api(admin).patch(f"/api/tasks/{task.pk}/status/", {"status": "review"})

    event = Activity.objects.latest("seq")
    assert Notification.objects.get().dedupe_key == f"event:{event.event_id}:{task.pk}:{owner.pk}"


@pytest.mark.parametrize(
    ("who", "of_project", "hears"),
    [
        ("owner", None, True),
        ("owner", "participating", True),
        ("owner", "all", True),
        ("owner", "muted", False),
        ("bystander", None, False),
        ("bystander", "participating", False),
        ("bystander", "all", True),
        ("viewer", "all", True),
    ],
)
def test_wa3_line_6_a_new_task_is_announced_to_managers_and_who_hears_all_of_the_project(
    api, admin, project, request, who, of_project, hears
):
    request.getfixturevalue("bystander")
    person = request.getfixturevalue(who)
    if of_project:
        watch_project(person, project, of_project)

    api(admin).post("/api/tasks/", {"project": project.pk, "title": "New"})

    assert rows_for(person) == (["task_created"] if hears else [])


def test_wa3_a_new_task_can_assign_and_mention_in_one_act(api, admin, owner, member, bystander, project):
    body = {"project": project.pk, "title": "New", "assigned_to": member.pk, "description": "@owner @bystander @member"}
    assert api(admin).post("/api/tasks/", body).status_code == 201

    assert kinds_and_recipients() == {
        ("task_assigned", "member"),
        ("task_mentioned", "owner"),
        ("task_mentioned", "bystander"),
    }


def test_n4_nobody_is_notified_of_their_own_act(api, admin, project, task):
    Task.objects.filter(pk=task.pk).update(created_by=admin, assigned_to=admin)
    watch(admin, task)
    watch_project(admin, project, "all")
    client = api(admin)

    client.patch(f"/api/tasks/{task.pk}/", {"title": "Another", "description": "@projectadmin"})
    client.post(f"/api/tasks/{task.pk}/comments/", {"body": "@projectadmin"})
    client.patch(f"/api/tasks/{task.pk}/assign/", {"assigned_to": None})
    client.post("/api/tasks/", {"project": project.pk, "title": "New", "assigned_to": admin.pk})

    assert rows_for(admin) == []


def test_wa3_inactive_people_are_left_out(api, admin, bystander, task):
    watch(bystander, task)
    type(bystander).objects.filter(pk=bystander.pk).update(is_active=False)

    api(admin).patch(f"/api/tasks/{task.pk}/", {"title": "Another"})

    assert rows_for(bystander) == []


def test_wa4_metadata_alone_deletion_restore_and_files_notify_nobody(api, admin, owner, bystander, project, task):
    watch(bystander, task)
    watch_project(owner, project, "all")
    client = api(admin)

    client.patch(f"/api/tasks/{task.pk}/", {"metadata": {"a": 1}})
    deleted = client.delete(f"/api/tasks/{task.pk}/")
    client.post(f"{deleted['Location']}restore/", {})
    client.delete(f"/api/projects/{project.pk}/members/{bystander.pk}/")

    assert kinds_and_recipients() == {("project_member_removed", "bystander")}


def test_wa3_edits_and_deletions_of_comments_are_not_announced(api, admin, bystander, task):
    watch(bystander, task)
    client = api(admin)
    comment = client.post(f"/api/tasks/{task.pk}/comments/", {"body": "Hello"}).json()
    client.patch(f"/api/tasks/{task.pk}/comments/{comment['id']}/", {"body": "Hello again"})
    client.delete(f"/api/tasks/{task.pk}/comments/{comment['id']}/")

    assert rows_for(bystander) == ["comment_added"]


def test_c12_a_person_is_notified_once_per_text_however_often_the_name_comes_back(api, admin, bystander, task):
    client = api(admin)
    comment = client.post(f"/api/tasks/{task.pk}/comments/", {"body": "Hello"}).json()
    for body in ("@bystander", "nobody", "@bystander again", "@bystander and more"):
        client.patch(f"/api/tasks/{task.pk}/comments/{comment['id']}/", {"body": body})
    for description in ("@bystander", "", "@bystander"):
        client.patch(f"/api/tasks/{task.pk}/", {"description": description})

    # Once for the comment and once for the description; watching since the first, of the other edits as a watcher
    assert rows_for(bystander) == ["task_mentioned", "task_mentioned", "task_updated", "task_updated"]


def test_c12_a_mention_that_a_level_silenced_counts_as_notified(api, admin, bystander, task):
    row = watch(bystander, task, "muted")
    client = api(admin)
    comment = client.post(f"/api/tasks/{task.pk}/comments/", {"body": "@bystander"}).json()
    row.delete()
    client.patch(f"/api/tasks/{task.pk}/comments/{comment['id']}/", {"body": "@bystander, again"})

    assert rows_for(bystander) == []


def test_a_move_notifies_watchers_who_are_members_of_the_target_and_only_once(api, owner, admin, bystander, task):
    target = ProjectFactory(owner=admin, key="OTH")
    MembershipFactory(project=target, user=owner)
    watch(bystander, task)

    assert api(admin).patch(f"/api/tasks/{task.pk}/", {"project": target.pk}).status_code == 200

    assert kinds_and_recipients() == {("task_updated", "owner")}
    assert Notification.objects.get().data["changes"]["key"] == {"from": None, "to": "OTH-1"}


def test_recipients_of_an_event_are_found_in_one_statement_whatever_their_number(api, admin, project, task):
    def statements() -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            api(admin).post(f"/api/tasks/{task.pk}/comments/", {"body": "Hello"})
        return len(queries)

    statements()
    few = statements()
    for _ in range(20):
        watch(MembershipFactory(project=project).user, task)
    before = Notification.objects.count()

    assert statements() == few
    assert Notification.objects.count() == before + 21
